package dev.skald.kernels.format;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.Packing;
import dev.skald.kernels.Packing.Kind;
import dev.skald.kernels.Packing.Scaling;
import dev.skald.kernels.QuantFormat;
import java.lang.foreign.MemorySegment;

/** y = d q + m; byte j holds columns j (low half) and j + 16. */
public final class Q4_1 extends QuantFormat {
    private static final Packing PACKING = new Packing(32, Kind.BIT4, Pack.halves(32), null, 0, Scaling.F16_MIN, 32);

    /** The one format of this type. */
    public Q4_1() {
        super(GgmlType.Q4_1);
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
    public Packing packing() {
        return PACKING;
    }

    @Override
    protected void packBlock(MemorySegment s, long o, long end, int[] words) {
        Pack.raw(s, o + 4, 4, words, 0);
        words[4] = Block.i32(s, o);
    }
}
