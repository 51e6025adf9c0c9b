package dev.skald.kernels.format;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.encode.Stripes;
import dev.skald.kernels.pack.Packing;
import dev.skald.kernels.pack.Packing.Kind;
import dev.skald.kernels.pack.Packing.Scaling;
import java.lang.foreign.MemorySegment;

/**
 * y = 2^(e - 128) v[q], with twice the values of 4-bit floats for v. Source: OCP Microscaling Formats (MX) 1.0, whose E8M0
 * has no number for e = 255; ggml reads it as an exponent like any other.
 */
final class MXFP4 extends QuantFormat {
    /** Twice the values of a float with a sign, two bits of exponent and one of mantissa (E2M1). */
    static final byte[] VALUES = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

    /** The same as floats, for packing. */
    static final float[] TABLE = new float[16];

    static {
        for (int i = 0; i < 16; i++) {
            TABLE[i] = VALUES[i];
        }
    }

    /** The code of the largest value. */
    private static final int LARGEST = 7;

    /** Half-way between the magnitudes; a number at a border is rounded down. */
    static final float[] BORDERS = {0.5f, 1.5f, 2.5f, 3.5f, 5, 7, 10};

    private static final Packing PACKING = new Packing(32, Kind.TABLE4, Pack.halves(32), TABLE, 0, Scaling.BF16, 32);

    /** The one format of this type. */
    public MXFP4() {
        super(GgmlType.MXFP4);
    }

    @Override
    protected void decodeBlock(MemorySegment s, long o, float[] y, int yo) {
        float d = scale(Block.u8(s, o));
        for (int j = 0; j < 16; j++) {
            int q = Block.u8(s, o + 1 + j);
            y[yo + j] = VALUES[q & 0xF] * d;
            y[yo + j + 16] = VALUES[q >>> 4] * d;
        }
    }

    /** 2^(e - 128), which is denormal for the first two. */
    static float scale(int e) {
        return Float.intBitsToFloat(e < 2 ? 0x200000 << e : e - 1 << 23);
    }

    @Override
    public boolean canEncode() {
        return true;
    }

    @Override
    protected void encodeBlock(float[] x, int xo, MemorySegment s, long o) {
        float most = Math.abs(Codes.KERNELS.extreme(x, xo, 32));
        // The largest 4-bit float is 1.5 times 2^2: the largest column comes to lie between 4 and 8.
        int e = Math.max(0, Math.getExponent(most) - 2 + 127);
        Block.putI8(s, o, e);
        int[] codes = Stripes.ofThread().codes;
        Codes.KERNELS.reachBySize(x, xo, 32, scale(e), BORDERS, codes, 0);
        Codes.putHalves(codes, 0, s, o + 1);
    }

    @Override
    public Packing packing() {
        return PACKING;
    }

    @Override
    public void packBlock(MemorySegment s, long o, long end, int[] words) {
        Pack.raw(s, o + 1, 4, words, 0);
        words[4] = Float.floatToRawIntBits(packedScale(s, o)) >>> 16;
    }

    /** Infinite where a weight is: a product that multiplies by the scale last could be finite again. */
    private static float packedScale(MemorySegment s, long o) {
        float d = scale(Block.u8(s, o));
        if (Float.isInfinite(d * VALUES[LARGEST])) {
            for (int j = 0; j < 16; j++) {
                int q = Block.u8(s, o + 1 + j);
                if (Float.isInfinite(d * VALUES[q & 0xF]) || Float.isInfinite(d * VALUES[q >>> 4])) {
                    return Float.POSITIVE_INFINITY;
                }
            }
        }
        return d;
    }
}
