package dev.skald.kernels.format;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.QuantFormat;
import java.lang.foreign.MemorySegment;

/** y = d sc (q - 32), with an 8-bit sc per 16 columns. */
public final class Q6_K extends QuantFormat {
    /** The one format of this type. */
    public Q6_K() {
        super(GgmlType.Q6_K);
    }

    @Override
    protected void decodeBlock(MemorySegment s, long o, float[] y, int yo) {
        float d = Block.f16(s, o + 208);
        for (int i = 0; i < 256; i++) {
            int half = i >>> 7;
            int quarter = i >>> 5 & 3;
            int low = Block.u8(s, o + 64 * half + (i & 31) + (quarter & 1) * 32) >>> (quarter >>> 1) * 4 & 0xF;
            int high = Block.u8(s, o + 128 + 32 * half + (i & 31)) >>> quarter * 2 & 3;
            y[yo + i] = d * Block.i8(s, o + 192 + (i >>> 4)) * ((low | high << 4) - 32);
        }
    }
}
