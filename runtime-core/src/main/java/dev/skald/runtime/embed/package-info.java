/**
 * Texts to vectors, for searching and comparing, and documents in the order in which they answer a question.
 *
 * <p>{@link dev.skald.runtime.Model#newEmbedder()} and {@link dev.skald.runtime.Model#newReranker()} are where one begins.
 */
package dev.skald.runtime.embed;
