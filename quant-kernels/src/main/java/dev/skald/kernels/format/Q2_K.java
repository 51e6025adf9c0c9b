package dev.skald.kernels.format;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.encode.Stripes;
import dev.skald.kernels.pack.Packing;
import dev.skald.kernels.pack.Packing.Kind;
import dev.skald.kernels.pack.Packing.Scaling;
import java.lang.foreign.MemorySegment;

/** y = d sc q - dmin m, with 4-bit sc and m of 16 columns each in one byte. */
final class Q2_K extends StripedFormat {
    private static final Packing PACKING =
            new Packing(256, Kind.BIT2, Packing.byBytes(256, 2), null, 0, Scaling.SUPER_MIN, 16);

    /** The one format of this type. */
    public Q2_K() {
        super(GgmlType.Q2_K, 16, Spread.BLOCK);
    }

    @Override
    protected void decodeBlock(MemorySegment s, long o, float[] y, int yo) {
        float d = Block.f16(s, o + 80);
        float dmin = Block.f16(s, o + 82);
        for (int g = 0; g < 16; g++) {
            int scales = Block.u8(s, o + g);
            float scale = d * (scales & 0xF);
            float min = dmin * (scales >>> 4);
            // Columns come in two halves of 128; a byte of a half's 32 holds columns j, j + 32, j + 64, j + 96.
            long codes = o + 16 + 32 * (g >>> 3) + 16 * (g & 1);
            int shift = (g >>> 1 & 3) * 2;
            for (int j = 0; j < 16; j++) {
                y[yo + 16 * g + j] = scale * (Block.u8(s, codes + j) >>> shift & 3) - min;
            }
        }
    }

    @Override
    void search(Stripes g, boolean important) {
        if (important) {
            SEARCH.affine(g, 3, -0.9f, 0.05f, 36, false);
        } else {
            SEARCH.weighByMagnitude(g, false);
            SEARCH.affine(g, 3, -0.5f, 0.1f, 15, true);
        }
    }

    @Override
    void write(Stripes g, int first, boolean important, float[] x, int xo, MemorySegment s, long o) {
        float d = Block.putF16(s, o + 80, nested(g.scale, first, 16, 15, g, important, g.scales));
        float dmin = Block.putF16(s, o + 82, nested(g.min, first, 16, 15, g, important, g.mins));
        for (int k = 0; k < 16; k++) {
            Block.putI8(s, o + k, g.scales[k] | g.mins[k] << 4);
        }
        codes(g, first, 16, d, dmin, 3, x, xo);
        Codes.putPairs(g.codes, 0, s, o + 16);
    }

    @Override
    public Packing packing() {
        return PACKING;
    }

    @Override
    public void packBlock(MemorySegment s, long o, long end, int[] words) {
        for (int g = 0; g < 8; g++) {
            Pack.pairs(s, o + 16 + 32 * (g >>> 2), 2 * (g & 3), words, 2 * g);
        }
        words[16] = Block.i32(s, o + 80);
        for (int i = 0; i < 4; i++) {
            int both = Block.i32(s, o + 4 * i);
            words[17 + i] = both & 0x0F0F0F0F | 0x80808080;
            words[21 + i] = both >>> 4 & 0x0F0F0F0F | 0x80808080;
        }
    }
}
