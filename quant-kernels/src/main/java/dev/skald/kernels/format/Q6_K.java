package dev.skald.kernels.format;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.encode.ScaleSearch;
import dev.skald.kernels.encode.Stripes;
import dev.skald.kernels.pack.Packing;
import dev.skald.kernels.pack.Packing.Kind;
import dev.skald.kernels.pack.Packing.Scaling;
import java.lang.foreign.MemorySegment;

/** y = d sc (q - 32), with an 8-bit sc per 16 columns. */
final class Q6_K extends StripedFormat {
    private static final Packing PACKING =
            new Packing(256, Kind.BIT6, Packing.natural(256), null, 32, Scaling.SUPER, 16);

    /** The one format of this type. */
    public Q6_K() {
        super(GgmlType.Q6_K, 16, Spread.NONE);
    }

    @Override
    protected void decodeBlock(MemorySegment s, long o, float[] y, int yo) {
        float d = Block.f16(s, o + 208);
        for (int g = 0; g < 16; g++) {
            float scale = d * Block.i8(s, o + 192 + g);
            int half = g >>> 3;
            int quarter = g >>> 1 & 3;
            long lows = o + 64 * half + 32 * (quarter & 1) + 16 * (g & 1);
            long highs = o + 128 + 32 * half + 16 * (g & 1);
            for (int j = 0; j < 16; j++) {
                int low = Block.u8(s, lows + j) >>> (quarter >>> 1) * 4 & 0xF;
                int high = Block.u8(s, highs + j) >>> quarter * 2 & 3;
                y[yo + 16 * g + j] = scale * ((low | high << 4) - 32);
            }
        }
    }

    @Override
    void search(Stripes g, boolean important) {
        if (!important) {
            SEARCH.weighBySquare(g);
        }
        SEARCH.symmetric(g, 32);
    }

    @Override
    void write(Stripes g, int first, boolean important, float[] x, int xo, MemorySegment s, long o) {
        float extreme = extreme(g.scale, first, 16);
        if (Math.abs(extreme) < 1e-15f) {
            s.asSlice(o, type().blockBytes()).fill((byte) 0);
            return;
        }
        float inverse = -128 / extreme;
        float d = Block.putF16(s, o + 208, 1 / inverse);
        for (int k = 0; k < 16; k++) {
            g.scales[k] = Math.min(127, ScaleSearch.round(inverse * g.scale[first + k]));
            Block.putI8(s, o + 192 + k, g.scales[k]);
        }
        signedCodes(g, first, d, g.scales, 32, x, xo);
        for (int half = 0; half < 2; half++) {
            for (int j = 0; j < 64; j++) {
                int i = 128 * half + j;
                Block.putI8(s, o + 64 * half + j, g.codes[i] & 0xF | (g.codes[i + 64] & 0xF) << 4);
            }
        }
        Codes.putPairs(g.codes, 4, s, o + 128);
    }

    @Override
    public Packing packing() {
        return PACKING;
    }

    @Override
    public void packBlock(MemorySegment s, long o, long end, int[] words) {
        int[] bytes = new int[8];
        for (int g = 0; g < 8; g++) {
            long low = o + 64 * (g >>> 2) + 32 * (g & 1);
            long high = o + 128 + 32 * (g >>> 2);
            for (int k = 0; k < 8; k++) {
                int four = Block.i32(s, low + 4 * k) >>> (g >>> 1 & 1) * 4 & 0x0F0F0F0F;
                int two = Block.i32(s, high + 4 * k) >>> 2 * (g & 3) & 0x03030303;
                bytes[k] = four | two << 4;
            }
            Pack.sixes(bytes, 0, words, 6 * g);
            Pack.sixes(bytes, 4, words, 6 * g + 3);
        }
        words[48] = Block.u16(s, o + 208);
        Pack.raw(s, o + 192, 4, words, 49);
        for (int i = 49; i < 53; i++) {
            words[i] ^= 0x80808080;
        }
    }
}
