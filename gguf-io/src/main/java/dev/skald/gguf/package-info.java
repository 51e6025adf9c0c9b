/**
 * Reading, checking and writing GGUF files.
 *
 * <p>{@link dev.skald.gguf.GgufFile} maps a file (or all parts of a split one) and checks it before anything in it is
 * used. {@link dev.skald.gguf.GgufWriter} writes a file. A file is hostile until checked: whatever its bytes are,
 * opening it gives a usable file or a {@link dev.skald.gguf.GgufFormatException}, in time and memory bounded by the
 * file's own size.
 *
 * <p>Source of the format: {@code docs/gguf.md} of ggml, and {@code gguf.cpp} of llama.cpp where the two differ.
 */
package dev.skald.gguf;
