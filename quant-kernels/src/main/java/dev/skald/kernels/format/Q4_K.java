package dev.skald.kernels.format;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.QuantFormat;
import java.lang.foreign.MemorySegment;

/** y = d sc q - dmin m, with 6-bit sc and m per 32 columns. */
public final class Q4_K extends QuantFormat {
    /** The one format of this type. */
    public Q4_K() {
        super(GgmlType.Q4_K);
    }

    @Override
    protected void decodeBlock(MemorySegment s, long o, float[] y, int yo) {
        float d = Block.f16(s, o);
        float dmin = Block.f16(s, o + 2);
        for (int g = 0; g < 8; g++) {
            float scale = d * scale(s, o + 4, g);
            float min = dmin * min(s, o + 4, g);
            // 32 bytes hold an even group in their low halves and the odd one after it in their high halves.
            long codes = o + 16 + 32 * (g >>> 1);
            int shift = (g & 1) * 4;
            for (int j = 0; j < 32; j++) {
                y[yo + 32 * g + j] = scale * (Block.u8(s, codes + j) >>> shift & 0xF) - min;
            }
        }
    }

    /** The 6-bit scale of group g in the 12 bytes at o. */
    static int scale(MemorySegment s, long o, int g) {
        return g < 4 ? Block.u8(s, o + g) & 63 : Block.u8(s, o + g + 4) & 0xF | Block.u8(s, o + g - 4) >>> 6 << 4;
    }

    /** The 6-bit minimum of group g in the 12 bytes at o. */
    static int min(MemorySegment s, long o, int g) {
        return g < 4 ? Block.u8(s, o + g + 4) & 63 : Block.u8(s, o + g + 4) >>> 4 | Block.u8(s, o + g) >>> 6 << 4;
    }
}
