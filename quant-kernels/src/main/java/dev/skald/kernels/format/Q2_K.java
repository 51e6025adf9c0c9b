package dev.skald.kernels.format;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.QuantFormat;
import java.lang.foreign.MemorySegment;

/** y = d sc q - dmin m, with 4-bit sc and m of 16 columns each in one byte. */
public final class Q2_K extends QuantFormat {
    /** The one format of this type. */
    public Q2_K() {
        super(GgmlType.Q2_K);
    }

    @Override
    protected void decodeBlock(MemorySegment s, long o, float[] y, int yo) {
        float d = Block.f16(s, o + 80);
        float dmin = Block.f16(s, o + 82);
        for (int i = 0; i < 256; i++) {
            // Columns come in two halves of 128; a byte of a half's 32 holds columns j, j + 32, j + 64, j + 96.
            int half = i >>> 7;
            int shift = (i >>> 5 & 3) * 2;
            int q = Block.u8(s, o + 16 + 32 * half + (i & 31)) >>> shift & 3;
            int scale = Block.u8(s, o + (i >>> 4));
            y[yo + i] = d * (scale & 0xF) * q - dmin * (scale >>> 4);
        }
    }
}
