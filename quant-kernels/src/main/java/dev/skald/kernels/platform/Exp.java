package dev.skald.kernels.platform;

/**
 * The numbers of all kernels for e^x: 2^k e^r with k = round(x / ln 2) and |r| at most ln 2 / 2, where e^r is its Taylor
 * polynomial of degree 7, whose remainder r^8 / 8! is below 6e-9.
 */
public final class Exp {
    /** The least argument: 2^k is still a normal float. */
    public static final float LEAST = -87;

    /** The greatest argument. Twice this power of e is still a float. */
    public static final float MOST = 88;

    /** Adding it, 1.5 x 2^23, rounds to an integer, which is then in the low bits of the mantissa. */
    public static final float MAGIC = 0x1.8p23f;

    /** 1 / ln 2. */
    public static final float LOG2_E = 1.44269504f;

    /** The first part of -ln 2. It ends in zeros, so that x - k ln 2 keeps all its bits. */
    public static final float MINUS_LN_2_HIGH = -0.693359375f;

    /** The rest of -ln 2. */
    public static final float MINUS_LN_2_LOW = 2.12194440e-4f;

    // The coefficients of the powers of r; those of r and 1 are 1.

    public static final float C7 = 1 / 5040f;
    public static final float C6 = 1 / 720f;
    public static final float C5 = 1 / 120f;
    public static final float C4 = 1 / 24f;
    public static final float C3 = 1 / 6f;
    public static final float C2 = 0.5f;

    private Exp() {}
}
