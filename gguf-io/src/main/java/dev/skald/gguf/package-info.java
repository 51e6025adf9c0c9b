/** The GGUF container: read, validate, write. */
package dev.skald.gguf;
