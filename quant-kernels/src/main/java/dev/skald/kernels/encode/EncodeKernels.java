package dev.skald.kernels.encode;

import dev.skald.kernels.platform.Kernels;

/**
 * The loops of encoding over the columns of a row, in plain Java or on vectors, with the same result to the last bit. Offsets
 * and lengths are in columns; lengths are multiples of 16; numbers are finite.
 */
public abstract class EncodeKernels {
    /** The kernels for this JVM, chosen together with {@link Kernels#BEST}. */
    public static final EncodeKernels BEST = Kernels.BEST.packs() ? new VectorEncode() : new ScalarEncode();

    /** For the two implementations in this package. */
    EncodeKernels() {}

    /** Returns the first of the numbers with the largest magnitude. */
    public abstract float extreme(float[] x, int xo, int n);

    /** Returns the smallest number. */
    public abstract float least(float[] x, int xo, int n);

    /** Returns the largest number. */
    public abstract float most(float[] x, int xo, int n);

    /** Returns the sum of x x: sixteen sums of every sixteenth column, added in order. */
    public abstract float squares(float[] x, int xo, int n);

    /** codes[co + i] = (x[xo + i] + m) / d, rounded with halves to even, at least low and at most high, less low. */
    public abstract void divide(float[] x, int xo, int n, float m, float d, int low, int high, int[] codes, int co);

    /** codes[co + i] = (x[xo + i] + m) f, rounded and clamped as in {@link #divide}. */
    public abstract void multiply(float[] x, int xo, int n, float m, float f, int low, int high, int[] codes, int co);

    /** codes[co + i] = (x[xo + i] - m) f + bias without its fraction, at most high. The result is not negative. */
    public abstract void truncate(
            float[] x, int xo, int n, float m, float f, float bias, int high, int[] codes, int co);

    /** codes[co + i] = x[xo + i] f, rounded with halves away from zero. */
    public abstract void roundAway(float[] x, int xo, int n, float f, int[] codes, int co);

    /** codes[co + i] = how many of the borders x[xo + i] f reaches. */
    public abstract void reach(float[] x, int xo, int n, float f, float[] borders, int[] codes, int co);

    /**
     * codes[co + i] = how many of the seven borders, times d, are below |x[xo + i]|, plus 8 if x is negative and that number is
     * not 0. All codes are 0 if d is.
     */
    public abstract void reachBySize(float[] x, int xo, int n, float d, float[] borders, int[] codes, int co);
}
