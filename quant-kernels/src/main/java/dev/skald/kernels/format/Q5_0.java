package dev.skald.kernels.format;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.QuantFormat;
import java.lang.foreign.MemorySegment;

/** y = d (q - 16); the fifth bit of column j is bit j of {@code qh}. */
public final class Q5_0 extends QuantFormat {
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
}
