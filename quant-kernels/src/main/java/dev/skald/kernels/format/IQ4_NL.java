package dev.skald.kernels.format;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.encode.ScaleSearch;
import dev.skald.kernels.encode.Stripes;
import dev.skald.kernels.pack.Packing;
import dev.skald.kernels.pack.Packing.Kind;
import dev.skald.kernels.pack.Packing.Scaling;
import java.lang.foreign.MemorySegment;

/** y = d v[q], with 16 unevenly spaced values v. */
final class IQ4_NL extends StripedFormat {
    /** The values of the 16 codes ({@code kvalues_iq4nl} of ggml). */
    static final byte[] VALUES = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};

    /** The same as floats, for packing. */
    static final float[] TABLE = new float[16];

    static {
        for (int i = 0; i < 16; i++) {
            TABLE[i] = VALUES[i];
        }
    }

    /** Half-way between them: how many of these a number reaches is its code. */
    static final float[] BORDERS = ScaleSearch.borders(TABLE);

    private static final Packing PACKING = new Packing(32, Kind.TABLE4, Pack.halves(32), TABLE, 0, Scaling.F16, 32);

    /** The one format of this type. */
    public IQ4_NL() {
        super(GgmlType.IQ4_NL, 32, Spread.BLOCK_TWICE);
    }

    @Override
    protected void decodeBlock(MemorySegment s, long o, float[] y, int yo) {
        float d = Block.f16(s, o);
        for (int j = 0; j < 16; j++) {
            int q = Block.u8(s, o + 2 + j);
            y[yo + j] = d * VALUES[q & 0xF];
            y[yo + j + 16] = d * VALUES[q >>> 4];
        }
    }

    @Override
    void search(Stripes g, boolean important) {
        if (!important) {
            SEARCH.weighBySquare(g);
        }
        SEARCH.table(g, TABLE, 7);
    }

    @Override
    void write(Stripes g, int first, boolean important, float[] x, int xo, MemorySegment s, long o) {
        float scale = g.scale[first];
        Block.putF16(s, o, scale);
        Codes.KERNELS.reach(x, xo, 32, scale != 0 ? 1 / scale : 0, BORDERS, g.codes, 0);
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
