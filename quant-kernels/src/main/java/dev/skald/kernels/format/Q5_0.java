package dev.skald.kernels.format;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.Packing;
import dev.skald.kernels.Packing.Kind;
import dev.skald.kernels.Packing.Plane;
import dev.skald.kernels.Packing.Scaling;
import dev.skald.kernels.QuantFormat;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** y = d (q - 16); the fifth bit of column j is bit j of {@code qh}. */
public final class Q5_0 extends QuantFormat {
    private static final Packing PACKING = new Packing(
            32,
            List.of(
                    new Plane(Kind.BIT4, 1, Pack.halves(32), null),
                    new Plane(Kind.BIT1, 16, Packing.natural(32), null)),
            16,
            Scaling.F16,
            32);

    /** The one format of this type. */
    public Q5_0() {
        super(GgmlType.Q5_0);
    }

    @Override
    protected void decodeBlock(MemorySegment s, long o, float[] y, int yo) {
        float d = Block.f16(s, o);
        int qh = Block.i32(s, o + 2);
        for (int j = 0; j < 16; j++) {
            int q = Block.u8(s, o + 6 + j);
            y[yo + j] = ((q & 0xF | (qh >>> j & 1) << 4) - 16) * d;
            y[yo + j + 16] = ((q >>> 4 | (qh >>> j + 16 & 1) << 4) - 16) * d;
        }
    }

    @Override
    public Packing packing() {
        return PACKING;
    }

    @Override
    protected void packBlock(MemorySegment s, long o, long end, int[] words) {
        Pack.raw(s, o + 6, 4, words, 0);
        words[4] = Block.i32(s, o + 2);
        words[5] = Block.u16(s, o);
    }
}
