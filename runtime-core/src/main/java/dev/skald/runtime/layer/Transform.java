package dev.skald.runtime.layer;

/** What a block does to its rows, one by one: a feed-forward network of some kind, or a norm. */
@FunctionalInterface
public interface Transform {
    /** The rows it makes of others. They stand in a place that the next call takes again. */
    Rows apply(Pass p, Rows x);
}
