/**
 * Text to token ids and back, as the model's own file says: SentencePiece-style vocabularies with scores, byte-level
 * BPE with merges and a pre-tokenizer, BPE over characters (Gemma 4), the longest match (RWKV), and the WordPiece and
 * unigram vocabularies of embedding models. Answers are those of
 * llama.cpp for the same file, but where the model's maker has others: docs/tokenizers.md lists the places.
 *
 * <p>Start with {@link dev.skald.runtime.tokenizer.Tokenizer}, which is immutable.
 */
package dev.skald.runtime.tokenizer;
