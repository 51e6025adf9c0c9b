package dev.skald.runtime.layer;

import dev.skald.runtime.embed.Pooling;

/**
 * How a network's rows become one vector of a text.
 *
 * @param pooling what the file says; null if it says nothing
 * @param projection makes an embedding of the pooled row; null where it is one
 * @param classifier makes scores of labels of the pooled row; null for none
 */
public record Pooled(Pooling pooling, Projection projection, Projection classifier) {}
