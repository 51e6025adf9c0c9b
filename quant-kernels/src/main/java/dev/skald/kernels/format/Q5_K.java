package dev.skald.kernels.format;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.QuantFormat;
import java.lang.foreign.MemorySegment;

/** y = d sc q - dmin m as in Q4_K; bit g of {@code qh[j]} is the fifth bit of column j of group g. */
public final class Q5_K extends QuantFormat {
    /** The one format of this type. */
    public Q5_K() {
        super(GgmlType.Q5_K);
    }

    @Override
    protected void decodeBlock(MemorySegment s, long o, float[] y, int yo) {
        float d = Block.f16(s, o);
        float dmin = Block.f16(s, o + 2);
        for (int g = 0; g < 8; g++) {
            float scale = d * Q4_K.scale(s, o + 4, g);
            float min = dmin * Q4_K.min(s, o + 4, g);
            long codes = o + 48 + 32 * (g >>> 1);
            int shift = (g & 1) * 4;
            for (int j = 0; j < 32; j++) {
                int low = Block.u8(s, codes + j) >>> shift & 0xF;
                int high = Block.u8(s, o + 16 + j) >>> g & 1;
                y[yo + 32 * g + j] = scale * (low | high << 4) - min;
            }
        }
    }
}
