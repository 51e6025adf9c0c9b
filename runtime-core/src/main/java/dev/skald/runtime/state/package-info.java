/** What a model remembers of a sequence. Not exported. */
package dev.skald.runtime.state;
