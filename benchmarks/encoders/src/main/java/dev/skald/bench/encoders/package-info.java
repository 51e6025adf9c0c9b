/** A trained encoder as ONNX and as GGUF: the same embeddings, and how fast. */
package dev.skald.bench.encoders;
