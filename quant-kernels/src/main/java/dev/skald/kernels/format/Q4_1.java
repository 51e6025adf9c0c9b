package dev.skald.kernels.format;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.encode.Stripes;
import dev.skald.kernels.pack.Packing;
import dev.skald.kernels.pack.Packing.Kind;
import dev.skald.kernels.pack.Packing.Scaling;
import java.lang.foreign.MemorySegment;

/** y = d q + m; byte j holds columns j (low half) and j + 16. */
final class Q4_1 extends StripedFormat {
    private static final Packing PACKING = new Packing(32, Kind.BIT4, Pack.halves(32), null, 0, Scaling.F16_MIN, 32);

    /** The one format of this type. */
    public Q4_1() {
        super(GgmlType.Q4_1, 32, Spread.ROW);
    }

    @Override
    protected void decodeBlock(MemorySegment s, long o, float[] y, int yo) {
        float d = Block.f16(s, o);
        float m = Block.f16(s, o + 2);
        for (int j = 0; j < 16; j++) {
            int q = Block.u8(s, o + 4 + j);
            y[yo + j] = (q & 0xF) * d + m;
            y[yo + j + 16] = (q >>> 4) * d + m;
        }
    }

    @Override
    protected void encodeBlock(float[] x, int xo, MemorySegment s, long o) {
        float min = Codes.KERNELS.least(x, xo, 32);
        float d = (Codes.KERNELS.most(x, xo, 32) - min) / 15;
        Block.putF16(s, o, d);
        Block.putF16(s, o + 2, min);
        int[] codes = Stripes.ofThread().codes;
        Codes.KERNELS.truncate(x, xo, 32, min, Codes.inverse(d), 0.5f, 15, codes, 0);
        Codes.putHalves(codes, 0, s, o + 4);
    }

    @Override
    void search(Stripes g, boolean important) {
        SEARCH.affine(g, 15, -0.9f, 0.05f, 36, false);
    }

    @Override
    void write(Stripes g, int first, boolean important, float[] x, int xo, MemorySegment s, long o) {
        Block.putF16(s, o, g.scale[first]);
        Block.putF16(s, o + 2, -g.min[first]);
        Codes.KERNELS.multiply(x, xo, 32, g.offset[first], g.inverse[first], 0, 15, g.codes, 0);
        Codes.putHalves(g.codes, 0, s, o + 4);
    }

    @Override
    public Packing packing() {
        return PACKING;
    }

    @Override
    public void packBlock(MemorySegment s, long o, long end, int[] words) {
        Pack.raw(s, o + 4, 4, words, 0);
        words[4] = Block.i32(s, o);
    }
}
