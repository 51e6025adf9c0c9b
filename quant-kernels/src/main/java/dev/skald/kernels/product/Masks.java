package dev.skald.kernels.product;

import dev.skald.kernels.pack.Packing.Kind;

/**
 * Constants of the packed kernels: codes at the top of a float's mantissa, and others. They are in arrays because C2 loads
 * a literal from memory at each use, but keeps what it read from an array in a register.
 */
final class Masks {
    static final int[] CODE2 = Kind.BIT2.masks();
    static final int[] CODE4 = Kind.BIT4.masks();
    static final int[] CODE5 = Kind.BIT5.masks();
    static final int[] CODE6 = Kind.BIT6.masks();
    static final int[] CODE8 = Kind.BIT8.masks();

    /** The exponent of 1. */
    static final int[] ONE = {0x3F800000};

    /** A half-precision float where a float32 has its bits: sign, exponent and mantissa. */
    static final int[] HALF = {0x8FFFE000};

    /** The upper of two bfloat16. */
    static final int[] UPPER = {0xFFFF0000};

    /**
     * For rounding a float's mantissa to that of a half: half of what is cut off; magnitudes of the lower and the upper of two
     * halves; the lower half.
     */
    static final int[] ROUND = {0x1000, 0x7FFF, 0x7FFF0000, 0xFFFF};

    private Masks() {}
}
