package dev.skald.kernels.format;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.encode.Stripes;
import dev.skald.kernels.pack.Packing;
import dev.skald.kernels.pack.Packing.Kind;
import dev.skald.kernels.pack.Packing.Scaling;
import java.lang.foreign.MemorySegment;

/** y = d q + m; the fifth bit of column j is bit j of {@code qh}. */
final class Q5_1 extends StripedFormat {
    private static final Packing PACKING =
            new Packing(32, Kind.BIT5, Packing.natural(32), null, 0, Scaling.F16_MIN, 32);

    /** The one format of this type. */
    public Q5_1() {
        super(GgmlType.Q5_1, 32, Spread.ROW);
    }

    @Override
    protected void decodeBlock(MemorySegment s, long o, float[] y, int yo) {
        float d = Block.f16(s, o);
        float m = Block.f16(s, o + 2);
        int qh = Block.i32(s, o + 4);
        for (int j = 0; j < 16; j++) {
            int q = Block.u8(s, o + 8 + j);
            y[yo + j] = (q & 0xF | (qh >>> j & 1) << 4) * d + m;
            y[yo + j + 16] = (q >>> 4 | (qh >>> j + 16 & 1) << 4) * d + m;
        }
    }

    @Override
    protected void encodeBlock(float[] x, int xo, MemorySegment s, long o) {
        float min = Codes.KERNELS.least(x, xo, 32);
        float d = (Codes.KERNELS.most(x, xo, 32) - min) / 31;
        Block.putF16(s, o, d);
        Block.putF16(s, o + 2, min);
        int[] codes = Stripes.ofThread().codes;
        Codes.KERNELS.truncate(x, xo, 32, min, Codes.inverse(d), 0.5f, 31, codes, 0);
        Q5_0.put(codes, s, o + 4);
    }

    @Override
    void search(Stripes g, boolean important) {
        SEARCH.affine(g, 31, -0.9f, 0.05f, 36, false);
    }

    @Override
    void write(Stripes g, int first, boolean important, float[] x, int xo, MemorySegment s, long o) {
        Block.putF16(s, o, g.scale[first]);
        Block.putF16(s, o + 2, -g.min[first]);
        Codes.KERNELS.multiply(x, xo, 32, g.offset[first], g.inverse[first], 0, 31, g.codes, 0);
        Q5_0.put(g.codes, s, o + 4);
    }

    @Override
    public Packing packing() {
        return PACKING;
    }

    @Override
    public void packBlock(MemorySegment s, long o, long end, int[] words) {
        int[] bytes = new int[8];
        Q5_0.gather(s, o + 8, Block.i32(s, o + 4), bytes);
        Pack.fives(bytes, 0, words, 0);
        words[5] = Block.i32(s, o);
    }
}
