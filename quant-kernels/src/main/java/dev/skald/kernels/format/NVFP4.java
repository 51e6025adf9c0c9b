package dev.skald.kernels.format;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.encode.Stripes;
import dev.skald.kernels.pack.Packing;
import dev.skald.kernels.pack.Packing.Kind;
import dev.skald.kernels.pack.Packing.Scaling;
import java.lang.foreign.MemorySegment;

/** y = d v[q] / 2, with the values of {@link MXFP4} and per 16 columns a d of eight bits; byte j holds columns j and j + 8. */
final class NVFP4 extends QuantFormat {
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
        // The bits where a float of half precision has its own; the exponents' biases are 15 and 7.
        return Float.float16ToFloat((short) ((bits & 0x7F) << 7)) * 128;
    }

    @Override
    public boolean canEncode() {
        return true;
    }

    @Override
    protected void encodeBlock(float[] x, int xo, MemorySegment s, long o) {
        int[] codes = Stripes.ofThread().codes;
        for (int g = 0; g < 4; g++) {
            float most = Math.abs(Codes.KERNELS.extreme(x, xo + 16 * g, 16));
            int bits = bits(most / 6);
            Block.putI8(s, o + g, bits);
            Codes.KERNELS.reachBySize(x, xo + 16 * g, 16, scale(bits), MXFP4.BORDERS, codes, 0);
            for (int j = 0; j < 8; j++) {
                Block.putI8(s, o + 4 + 8 * g + j, codes[j] | codes[j + 8] << 4);
            }
        }
    }

    /**
     * The nearest that {@link #scale} can read, halves up, of twice its result. From 256 on it is the largest, 448: larger
     * weights than 6 times that need a scale of their whole tensor.
     */
    private static int bits(float v) {
        if (v < 0x1p-6f) {
            // Without a leading 1: units of 2^-9, of which there are at most seven.
            return Math.min(7, (int) (v * 0x1p9f + 0.5f));
        }
        if (v >= 256) {
            return 0x7E;
        }
        int rounded = (Float.floatToRawIntBits(v) >>> 19) + 1 >>> 1;
        int bits = rounded - (120 << 3);
        return bits >= 15 << 3 ? 0x7E : bits;
    }

    @Override
    public Packing packing() {
        return PACKING;
    }

    @Override
    public void packBlock(MemorySegment s, long o, long end, int[] words) {
        Pack.raw(s, o + 4, 8, words, 0);
        for (int g = 0; g < 4; g += 2) {
            words[8 + g / 2] = Float.floatToRawIntBits(scale(Block.u8(s, o + g))) >>> 16
                    | Float.floatToRawIntBits(scale(Block.u8(s, o + g + 1))) & 0xFFFF0000;
        }
    }
}
