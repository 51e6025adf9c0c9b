/** What a network remembers of a sequence. */
package dev.skald.runtime.state;
