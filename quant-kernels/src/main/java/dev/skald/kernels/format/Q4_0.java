package dev.skald.kernels.format;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.encode.Stripes;
import dev.skald.kernels.pack.Packing;
import dev.skald.kernels.pack.Packing.Kind;
import dev.skald.kernels.pack.Packing.Scaling;
import java.lang.foreign.MemorySegment;

/** y = d (q - 8); byte j holds columns j (low half) and j + 16. */
final class Q4_0 extends StripedFormat {
    private static final Packing PACKING = new Packing(32, Kind.BIT4, Pack.halves(32), null, 8, Scaling.F16, 32);

    /** The one format of this type. */
    public Q4_0() {
        super(GgmlType.Q4_0, 32, Spread.ROW);
    }

    @Override
    protected void decodeBlock(MemorySegment s, long o, float[] y, int yo) {
        float d = Block.f16(s, o);
        for (int j = 0; j < 16; j++) {
            int q = Block.u8(s, o + 2 + j);
            y[yo + j] = ((q & 0xF) - 8) * d;
            y[yo + j + 16] = ((q >>> 4) - 8) * d;
        }
    }

    @Override
    protected void encodeBlock(float[] x, int xo, MemorySegment s, long o) {
        // The value of largest magnitude, sign kept, becomes code 0, which stands for -8 d.
        float d = Codes.KERNELS.extreme(x, xo, 32) / -8;
        Block.putF16(s, o, d);
        int[] codes = Stripes.ofThread().codes;
        Codes.KERNELS.truncate(x, xo, 32, 0, Codes.inverse(d), 8.5f, 15, codes, 0);
        Codes.putHalves(codes, 0, s, o + 2);
    }

    @Override
    void search(Stripes g, boolean important) {
        SEARCH.symmetric(g, 8);
    }

    @Override
    void write(Stripes g, int first, boolean important, float[] x, int xo, MemorySegment s, long o) {
        Block.putF16(s, o, g.scale[first]);
        g.found(first, 8, 0);
        Codes.putHalves(g.codes, 0, s, o + 2);
    }

    @Override
    public Packing packing() {
        return PACKING;
    }

    @Override
    public void packBlock(MemorySegment s, long o, long end, int[] words) {
        Pack.raw(s, o + 2, 4, words, 0);
        words[4] = Block.u16(s, o);
    }
}
