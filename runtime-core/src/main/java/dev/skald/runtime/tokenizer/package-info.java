/**
 * Text to token ids and back, as the model's own file says: SentencePiece-style vocabularies with scores, and byte-level
 * BPE with merges and a pre-tokenizer. Answers are those of llama.cpp for the same file.
 *
 * <p>{@link dev.skald.runtime.tokenizer.Tokenizer} is the way in; everything it holds is immutable.
 */
package dev.skald.runtime.tokenizer;
