package dev.skald.runtime.layer;

/** A function that a block applies to each row alone: a feed-forward network of some kind, or a norm. */
@FunctionalInterface
public interface Transform {
    /** Returns the transformed rows. The next call reuses their buffer. */
    Rows apply(Pass p, Rows x);
}
