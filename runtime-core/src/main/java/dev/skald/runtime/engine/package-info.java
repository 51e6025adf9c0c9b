/** Rows of many sequences in, logits out. */
package dev.skald.runtime.engine;
