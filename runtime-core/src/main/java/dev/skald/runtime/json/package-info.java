/** Reads and writes JSON values without loss. */
package dev.skald.runtime.json;
