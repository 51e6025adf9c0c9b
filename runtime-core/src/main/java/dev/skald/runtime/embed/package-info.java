/**
 * Embedding texts as vectors, to search and compare them, and ranking documents by how well they answer a question.
 *
 * <p>Start with {@link dev.skald.runtime.Model#newEmbedder()} and {@link dev.skald.runtime.Model#newReranker()}.
 */
package dev.skald.runtime.embed;
