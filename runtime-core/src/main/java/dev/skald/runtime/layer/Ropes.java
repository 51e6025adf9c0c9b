package dev.skald.runtime.layer;

import dev.skald.kernels.attention.Rope;

/**
 * The rotations of queries and keys. Some models rotate differently when the context is long.
 *
 * @param within for contexts of up to the original length
 * @param beyond for longer contexts, even when the text is short
 * @param original the context, in positions, that the model was first trained for
 */
public record Ropes(Rope within, Rope beyond, int original) {
    /** The same rotation for any context. */
    public Ropes(Rope always) {
        this(always, always, Integer.MAX_VALUE);
    }

    /** Returns the rotation for a context of so many positions. */
    public Rope of(int contextLength) {
        return contextLength > original ? beyond : within;
    }

    /** Returns how many values of a head are rotated. */
    public int dims() {
        return within.dims();
    }

    /** Rotates consecutive heads. Either rotation may have filled the table, because both pair the same values. */
    void apply(float[] x, int xo, int heads, int size, float[] table, int to) {
        within.apply(x, xo, heads, size, table, to);
    }
}
