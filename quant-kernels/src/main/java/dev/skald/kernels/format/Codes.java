package dev.skald.kernels.format;

import dev.skald.kernels.simd.EncodeKernels;
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

    /** Writes columns of 128 into 32 bytes, two bits of each at a time; see the decoder of Q2_K. */
    static void putPairs(int[] codes, int shift, MemorySegment s, long o) {
        for (int half = 0; half < 2; half++) {
            for (int j = 0; j < 32; j++) {
                int i = 128 * half + j;
                int q = codes[i] >>> shift & 3
                        | (codes[i + 32] >>> shift & 3) << 2
                        | (codes[i + 64] >>> shift & 3) << 4
                        | (codes[i + 96] >>> shift & 3) << 6;
                Block.putI8(s, o + 32 * half + j, q);
            }
        }
    }

    /** Writes the lower halves of 32 g codes: 32 bytes hold an even 32 in their low halves, the odd ones in their high. */
    static void putNibbles(int[] codes, int count, MemorySegment s, long o) {
        for (int g = 0; g < count; g += 2) {
            for (int j = 0; j < 32; j++) {
                Block.putI8(s, o + 16 * g + j, codes[32 * g + j] & 0xF | (codes[32 * g + 32 + j] & 0xF) << 4);
            }
        }
    }

    /** Writes the lower halves of 32 codes into 16 bytes, the first sixteen in the low halves. */
    static void putHalves(int[] codes, int at, MemorySegment s, long o) {
        for (int j = 0; j < 16; j++) {
            Block.putI8(s, o + j, codes[at + j] & 0xF | (codes[at + 16 + j] & 0xF) << 4);
        }
    }
}
