package dev.skald.kernels.format;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.encode.Stripes;
import dev.skald.kernels.pack.Packing;
import dev.skald.kernels.pack.Packing.Kind;
import dev.skald.kernels.pack.Packing.Scaling;
import java.lang.foreign.MemorySegment;

/** y = d sc q - dmin m as in Q4_K; bit g of {@code qh[j]} is the fifth bit of column j of stripe g. */
final class Q5_K extends StripedFormat {
    private static final Packing PACKING =
            new Packing(256, Kind.BIT5, Packing.natural(256), null, 0, Scaling.SUPER_MIN, 32);

    /** The one format of this type. */
    public Q5_K() {
        super(GgmlType.Q5_K, 32, Spread.BLOCK_TWICE);
    }

    @Override
    protected void decodeBlock(MemorySegment s, long o, float[] y, int yo) {
        float d = Block.f16(s, o);
        float dmin = Block.f16(s, o + 2);
        for (int g = 0; g < 8; g++) {
            float scale = d * Q4_K.scale(s, o + 4, g);
            float min = dmin * Q4_K.min(s, o + 4, g);
            long codes = o + 48 + 32 * (g >>> 1);
            int shift = (g & 1) * 4;
            for (int j = 0; j < 32; j++) {
                int low = Block.u8(s, codes + j) >>> shift & 0xF;
                int high = Block.u8(s, o + 16 + j) >>> g & 1;
                y[yo + 32 * g + j] = scale * (low | high << 4) - min;
            }
        }
    }

    @Override
    void search(Stripes g, boolean important) {
        if (important) {
            SEARCH.affine(g, 31, -0.9f, 0.05f, 36, false);
        } else {
            SEARCH.weighByMagnitude(g, true);
            SEARCH.affine(g, 31, -0.5f, 0.1f, 15, false);
        }
    }

    @Override
    void write(Stripes g, int first, boolean important, float[] x, int xo, MemorySegment s, long o) {
        Q4_K.writeScales(g, first, important, 31, x, xo, s, o);
        Codes.putBits(g.codes, 4, s, o + 16);
        Codes.putNibbles(g.codes, 8, s, o + 48);
    }

    @Override
    public Packing packing() {
        return PACKING;
    }

    @Override
    public void packBlock(MemorySegment s, long o, long end, int[] words) {
        int[] bytes = new int[8];
        for (int g = 0; g < 8; g++) {
            for (int k = 0; k < 8; k++) {
                int low = Block.i32(s, o + 48 + 32 * (g >>> 1) + 4 * k) >>> (g & 1) * 4 & 0x0F0F0F0F;
                int high = Block.i32(s, o + 16 + 4 * k) >>> g & 0x01010101;
                bytes[k] = low | high << 4;
            }
            Pack.fives(bytes, 0, words, 5 * g);
        }
        Q4_K.packScales(s, o, words, 40);
    }
}
