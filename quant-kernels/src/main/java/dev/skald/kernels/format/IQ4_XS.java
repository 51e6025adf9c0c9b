package dev.skald.kernels.format;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.encode.ScaleSearch;
import dev.skald.kernels.encode.Stripes;
import dev.skald.kernels.pack.Packing;
import dev.skald.kernels.pack.Packing.Kind;
import dev.skald.kernels.pack.Packing.Scaling;
import java.lang.foreign.MemorySegment;

/** y = d (sc - 32) v[q], with the values of IQ4_NL and a 6-bit sc per 32 columns. */
final class IQ4_XS extends StripedFormat {
    private static final Packing PACKING =
            new Packing(256, Kind.TABLE4, Pack.halves(256), IQ4_NL.TABLE, 0, Scaling.SUPER, 32);

    /** The one format of this type. */
    public IQ4_XS() {
        super(GgmlType.IQ4_XS, 32, Spread.BLOCK_TWICE);
    }

    @Override
    protected void decodeBlock(MemorySegment s, long o, float[] y, int yo) {
        float d = Block.f16(s, o);
        for (int g = 0; g < 8; g++) {
            float scale = d * (scale(s, o, g) - 32);
            long codes = o + 8 + 16 * g;
            for (int j = 0; j < 16; j++) {
                int q = Block.u8(s, codes + j);
                y[yo + 32 * g + j] = scale * IQ4_NL.VALUES[q & 0xF];
                y[yo + 32 * g + j + 16] = scale * IQ4_NL.VALUES[q >>> 4];
            }
        }
    }

    /** The 6-bit scale of stripe g: upper two bits in {@code scales_h}, lower four in {@code scales_l}. */
    static int scale(MemorySegment s, long o, int g) {
        int high = Block.u16(s, o + 2) >>> 2 * g & 3;
        int low = Block.u8(s, o + 4 + (g >>> 1)) >>> (g & 1) * 4 & 0xF;
        return low | high << 4;
    }

    @Override
    void search(Stripes g, boolean important) {
        if (!important) {
            SEARCH.weighBySquare(g);
        }
        SEARCH.table(g, IQ4_NL.TABLE, 7);
    }

    @Override
    void write(Stripes g, int first, boolean important, float[] x, int xo, MemorySegment s, long o) {
        float d = -extreme(g.scale, first, 8) / 32;
        Block.putF16(s, o, d);
        float inverse = d != 0 ? 1 / d : 0;
        int upper = 0;
        for (int k = 0; k < 8; k++) {
            int l = Math.max(-32, Math.min(31, ScaleSearch.round(inverse * g.scale[first + k])));
            float scale = d * l;
            Codes.KERNELS.reach(x, xo + 32 * k, 32, scale != 0 ? 1 / scale : 0, IQ4_NL.BORDERS, g.codes, 32 * k);
            Codes.putHalves(g.codes, 32 * k, s, o + 8 + 16 * k);
            g.scales[k] = l + 32;
            upper |= g.scales[k] >>> 4 << 2 * k;
        }
        Block.putI16(s, o + 2, upper);
        for (int k = 0; k < 8; k += 2) {
            Block.putI8(s, o + 4 + k / 2, g.scales[k] & 0xF | (g.scales[k + 1] & 0xF) << 4);
        }
    }

    @Override
    public Packing packing() {
        return PACKING;
    }

    @Override
    public void packBlock(MemorySegment s, long o, long end, int[] words) {
        Pack.raw(s, o + 8, 32, words, 0);
        words[32] = Block.u16(s, o);
        for (int g = 0; g < 8; g++) {
            Pack.putByte(words, 33, g, scale(s, o, g) - 32 + 128);
        }
    }
}
