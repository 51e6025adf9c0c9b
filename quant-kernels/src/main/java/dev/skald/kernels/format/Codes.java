package dev.skald.kernels.format;

import dev.skald.kernels.encode.EncodeKernels;
import java.lang.foreign.MemorySegment;

/** Writes the codes of columns, an int each, as the bits of a block. */
final class Codes {
    /** What finds the codes. */
    static final EncodeKernels KERNELS = EncodeKernels.BEST;

    private Codes() {}

    /** 1 / d, and 0 of a d so small that half precision holds it as zero and 1 / d may be infinite. */
    static float inverse(float d) {
        return Math.abs(d) < Float.MIN_NORMAL ? 0 : 1 / d;
    }

    /** Some bits of four codes, a byte each. */
    private static int four(int[] codes, int at, int shift, int mask) {
        int upper = (codes[at + 2] >>> shift & mask) << 16 | (codes[at + 3] >>> shift & mask) << 24;
        return codes[at] >>> shift & mask | (codes[at + 1] >>> shift & mask) << 8 | upper;
    }

    /** Writes columns of 128 into 32 bytes, two bits of each at a time; see the decoder of Q2_K. */
    static void putPairs(int[] codes, int shift, MemorySegment s, long o) {
        for (int half = 0; half < 2; half++) {
            for (int j = 0; j < 32; j += 4) {
                int i = 128 * half + j;
                int q = four(codes, i, shift, 3)
                        | four(codes, i + 32, shift, 3) << 2
                        | four(codes, i + 64, shift, 3) << 4
                        | four(codes, i + 96, shift, 3) << 6;
                Block.putI32(s, o + 32 * half + j, q);
            }
        }
    }

    /** Writes one bit of each of 256 codes into 32 bytes: bit k of byte j is that of column 32 k + j. */
    static void putBits(int[] codes, int shift, MemorySegment s, long o) {
        for (int j = 0; j < 32; j += 4) {
            int bits = 0;
            for (int k = 0; k < 8; k++) {
                bits |= four(codes, 32 * k + j, shift, 1) << k;
            }
            Block.putI32(s, o + j, bits);
        }
    }

    /** Writes the lower halves of 32 g codes: 32 bytes hold an even 32 in their low halves, the odd ones in their high. */
    static void putNibbles(int[] codes, int count, MemorySegment s, long o) {
        for (int g = 0; g < count; g += 2) {
            for (int j = 0; j < 32; j += 4) {
                int i = 32 * g + j;
                Block.putI32(s, o + 16 * g + j, four(codes, i, 0, 0xF) | four(codes, i + 32, 0, 0xF) << 4);
            }
        }
    }

    /** Writes the lower halves of 32 codes into 16 bytes, the first sixteen in the low halves. */
    static void putHalves(int[] codes, int at, MemorySegment s, long o) {
        for (int j = 0; j < 16; j += 4) {
            Block.putI32(s, o + j, four(codes, at + j, 0, 0xF) | four(codes, at + 16 + j, 0, 0xF) << 4);
        }
    }

    /** Writes 32 codes, a byte each. */
    static void putBytes(int[] codes, MemorySegment s, long o) {
        for (int j = 0; j < 32; j += 4) {
            Block.putI32(s, o + j, four(codes, j, 0, 0xFF));
        }
    }
}
