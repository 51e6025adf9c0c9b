/** Files that are whole or not there. */
package dev.skald.runtime.io;
