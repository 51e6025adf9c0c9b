package dev.skald.kernels.format;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.encode.ScaleSearch;
import dev.skald.kernels.encode.Stripes;
import dev.skald.kernels.pack.Packing;
import dev.skald.kernels.pack.Packing.Kind;
import dev.skald.kernels.pack.Packing.Scaling;
import java.lang.foreign.MemorySegment;

/** y = d (sc - 32) (q - 4), with 6-bit sc per 16 columns; the third bit of q is in {@code hmask}. */
final class Q3_K extends StripedFormat {
    /** Three bits stand in four: of 3-bit codes a word would have columns of two scale blocks. */
    private static final Packing PACKING =
            new Packing(256, Kind.BIT4, Packing.byBytes(256, 4), null, 4, Scaling.SUPER, 16).using(0b0111);

    /** The one format of this type. */
    public Q3_K() {
        super(GgmlType.Q3_K, 16, Spread.BLOCK_TWICE);
    }

    @Override
    protected void decodeBlock(MemorySegment s, long o, float[] y, int yo) {
        float d = Block.f16(s, o + 108);
        for (int g = 0; g < 16; g++) {
            float scale = d * (scale(s, o + 96, g) - 32);
            int eighth = g >>> 1;
            long lows = o + 32 + 32 * (eighth >>> 2) + 16 * (g & 1);
            long highs = o + 16 * (g & 1);
            for (int j = 0; j < 16; j++) {
                int low = Block.u8(s, lows + j) >>> (eighth & 3) * 2 & 3;
                int high = Block.u8(s, highs + j) >>> eighth & 1;
                y[yo + 16 * g + j] = scale * ((low | high << 2) - 4);
            }
        }
    }

    /** The 6-bit scale of 16 columns: low halves in bytes 0 to 7, then four upper pairs of bits a byte. */
    static int scale(MemorySegment s, long o, int g) {
        int low = Block.u8(s, o + (g & 7)) >>> (g >>> 3) * 4 & 0xF;
        int high = Block.u8(s, o + 8 + (g & 3)) >>> (g >>> 2) * 2 & 3;
        return low | high << 4;
    }

    @Override
    void search(Stripes g, boolean important) {
        if (important) {
            SEARCH.symmetric(g, 4);
        } else {
            SEARCH.weighBySquare(g);
            SEARCH.descent(g, 4);
        }
    }

    @Override
    void write(Stripes g, int first, boolean important, float[] x, int xo, MemorySegment s, long o) {
        float d = Block.putF16(s, o + 108, scales(g, first, important));
        for (int i = 0; i < 12; i++) {
            int q = i < 8
                    ? g.scales[i] & 0xF | (g.scales[i + 8] & 0xF) << 4
                    : g.scales[i - 8] >>> 4
                            | g.scales[i - 4] >>> 4 << 2
                            | g.scales[i] >>> 4 << 4
                            | g.scales[i + 4] >>> 4 << 6;
            Block.putI8(s, o + 96 + i, q);
        }
        for (int k = 0; k < 16; k++) {
            g.scales[k] -= 32;
        }
        signedCodes(g, first, d, g.scales, 4, x, xo);
        Codes.putBits(g.codes, 2, s, o);
        Codes.putPairs(g.codes, 0, s, o + 32);
    }

    /** Rounds the scales to codes 0 to 63, which stand for -32 to 31 times what is returned. */
    private static float scales(Stripes g, int first, boolean important) {
        if (important) {
            return ScaleSearch.nestedSigned(16, 32, g.scale, first, g.sum, g.scales);
        }
        float extreme = extreme(g.scale, first, 16);
        float inverse = extreme != 0 ? -32 / extreme : 0;
        for (int k = 0; k < 16; k++) {
            int l = ScaleSearch.round(inverse * g.scale[first + k]);
            g.scales[k] = extreme != 0 ? Math.max(-32, Math.min(31, l)) + 32 : 0;
        }
        return extreme != 0 ? 1 / inverse : 0;
    }

    @Override
    public Packing packing() {
        return PACKING;
    }

    @Override
    public void packBlock(MemorySegment s, long o, long end, int[] words) {
        for (int g = 0; g < 8; g++) {
            for (int k = 0; k < 4; k++) {
                int low = codes(s, o, g, 2 * k);
                int high = codes(s, o, g, 2 * k + 1);
                words[4 * g + k] = low | high << 4;
            }
        }
        words[32] = Block.u16(s, o + 108);
        for (int g = 0; g < 16; g++) {
            Pack.putByte(words, 33, g, scale(s, o + 96, g) - 32 + 128);
        }
    }

    /** Four codes, a byte each: columns 4 i to 4 i + 3 of the g-th 32. */
    private static int codes(MemorySegment s, long o, int g, int i) {
        int low = Block.i32(s, o + 32 + 32 * (g >>> 2) + 4 * i) >>> 2 * (g & 3) & 0x03030303;
        int high = Block.i32(s, o + 4 * i) >>> g & 0x01010101;
        return low | high << 2;
    }
}
