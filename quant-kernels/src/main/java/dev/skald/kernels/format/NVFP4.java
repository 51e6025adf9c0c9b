package dev.skald.kernels.format;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.Packing;
import dev.skald.kernels.Packing.Kind;
import dev.skald.kernels.Packing.Scaling;
import dev.skald.kernels.QuantFormat;
import java.lang.foreign.MemorySegment;

/** y = d v[q] / 2, with the values of {@link MXFP4} and per 16 columns a d of eight bits; byte j holds columns j and j + 8. */
public final class NVFP4 extends QuantFormat {
    private static final Packing PACKING = new Packing(64, Kind.TABLE4, order(), MXFP4.TABLE, 0, Scaling.BF16, 16);

    /** The one format of this type. */
    public NVFP4() {
        super(GgmlType.NVFP4);
    }

    private static int[] order() {
        int[] order = new int[64];
        for (int i = 0; i < 64; i++) {
            order[i] = i / 16 * 16 + i % 16 / 2 + 8 * (i & 1);
        }
        return order;
    }

    @Override
    protected void decodeBlock(MemorySegment s, long o, float[] y, int yo) {
        for (int g = 0; g < 4; g++) {
            float d = scale(Block.u8(s, o + g));
            for (int j = 0; j < 8; j++) {
                int q = Block.u8(s, o + 4 + 8 * g + j);
                y[yo + 16 * g + j] = MXFP4.VALUES[q & 0xF] * d;
                y[yo + 16 * g + j + 8] = MXFP4.VALUES[q >>> 4] * d;
            }
        }
    }

    /**
     * Half of a float with four bits of exponent and three of mantissa (E4M3), whose sign is not looked at and whose NaN
     * is 0, as ggml has it.
     */
    static float scale(int bits) {
        if (bits == 0x7F) {
            return 0;
        }
        // The bits where a float32 has its own, and the difference of the exponents' biases, 127 and 7.
        return Float.intBitsToFloat((bits & 0x7F) << 20) * 0x1p119f;
    }

    @Override
    public Packing packing() {
        return PACKING;
    }

    @Override
    protected void packBlock(MemorySegment s, long o, long end, int[] words) {
        Pack.raw(s, o + 4, 8, words, 0);
        for (int g = 0; g < 4; g += 2) {
            words[8 + g / 2] = Float.floatToRawIntBits(scale(Block.u8(s, o + g))) >>> 16
                    | Float.floatToRawIntBits(scale(Block.u8(s, o + g + 1))) & 0xFFFF0000;
        }
    }
}
