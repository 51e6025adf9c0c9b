package dev.skald.runtime.layer;

import dev.skald.runtime.embed.Pooling;

/**
 * How the rows of a text become one vector.
 *
 * @param pooling the file's pooling; null if the file does not say
 * @param projection turns the pooled row into an embedding; null if the row is the embedding
 * @param classifier turns the pooled row into scores of labels; null for none
 */
public record Pooled(Pooling pooling, Projection projection, Projection classifier) {}
