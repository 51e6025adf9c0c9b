/**
 * Text to token ids and back, as the model's file defines it: SentencePiece-style vocabularies with scores, and
 * byte-level BPE with merges and a pre-tokenizer. The results are the same as llama.cpp's for the same file.
 *
 * <p>Start with {@link dev.skald.runtime.tokenizer.Tokenizer}, which is immutable.
 */
package dev.skald.runtime.tokenizer;
