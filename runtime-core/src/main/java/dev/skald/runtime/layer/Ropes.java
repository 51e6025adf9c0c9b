package dev.skald.runtime.layer;

import dev.skald.kernels.attention.Rope;

/**
 * How an attention turns queries and keys: for some models in another way where a text may become long.
 *
 * @param within turns texts of a context up to the original length
 * @param beyond turns texts of a longer context, short ones too
 * @param original how many positions the model was first trained for
 */
public record Ropes(Rope within, Rope beyond, int original) {
    /** The same for any context. */
    public Ropes(Rope always) {
        this(always, always, Integer.MAX_VALUE);
    }

    /** What turns texts in a context of so many positions. */
    public Rope of(int contextLength) {
        return contextLength > original ? beyond : within;
    }

    /** How many values of a head are turned. */
    public int dims() {
        return within.dims();
    }

    /** Turns consecutive heads, by what either of the two has filled: which values make a pair is the same. */
    void apply(float[] x, int xo, int heads, int size, float[] table, int to) {
        within.apply(x, xo, heads, size, table, to);
    }
}
