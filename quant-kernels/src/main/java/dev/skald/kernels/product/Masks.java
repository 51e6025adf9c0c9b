package dev.skald.kernels.product;

/**
 * Constants of the packed kernels: codes at the top of a float's mantissa, and others. They are in arrays because C2 loads
 * a literal from memory at each use, but keeps what it read from an array in a register.
 */
final class Masks {
    static final int[] CODE2 = {0x180000, 0x600000};
    static final int[] CODE4 = {0x780000};

    /** A code, and the bits that stand at 30 and 31 of a word. */
    static final int[] CODE5 = {0x7C0000, 0x200000, 0x400000};

    /** A code, and the two bits at the top of a word. */
    static final int[] CODE6 = {0x7E0000, 0x600000};

    static final int[] CODE8 = {0x7F8000};

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
