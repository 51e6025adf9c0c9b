package dev.skald.kernels.simd;

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

    // Codes where they stand in a word, see SubnormalDot.
    static final int[] LOW2 = {0x3, 0xC, 0x30, 0xC0, 0x300, 0xC00, 0x3000, 0xC000};
    static final int[] LOW4 = {0xF, 0xF0, 0xF00, 0xF000};

    /** Codes, and the bits that stand at 30 and 31 of a word, fifteen further down. */
    static final int[] LOW5 = {0x1F, 0x3E0, 0x7C00, 0xF8000, 0x8000, 0x10000};

    /** Codes, and the two bits at the top of a word, twelve further down. */
    static final int[] LOW6 = {0x3F, 0xFC0, 0x3F000, 0xC0000};

    static final int[] LOW8 = {0xFF, 0xFF00};

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
