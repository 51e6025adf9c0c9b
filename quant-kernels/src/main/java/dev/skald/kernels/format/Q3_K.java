package dev.skald.kernels.format;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.QuantFormat;
import java.lang.foreign.MemorySegment;

/** y = d (sc - 32) (q - 4), with 6-bit sc per 16 columns; the third bit of q is in {@code hmask}. */
public final class Q3_K extends QuantFormat {
    /** The one format of this type. */
    public Q3_K() {
        super(GgmlType.Q3_K);
    }

    @Override
    protected void decodeBlock(MemorySegment s, long o, float[] y, int yo) {
        float d = Block.f16(s, o + 108);
        for (int i = 0; i < 256; i++) {
            int half = i >>> 7;
            int quarter = i >>> 5;
            int low = Block.u8(s, o + 32 + 32 * half + (i & 31)) >>> (quarter & 3) * 2 & 3;
            int high = Block.u8(s, o + (i & 31)) >>> quarter & 1;
            y[yo + i] = d * (scale(s, o + 96, i >>> 4) - 32) * ((low | high << 2) - 4);
        }
    }

    /** The 6-bit scale of 16 columns: low halves in bytes 0 to 7, then four upper pairs of bits a byte. */
    static int scale(MemorySegment s, long o, int g) {
        int low = Block.u8(s, o + (g & 7)) >>> (g >>> 3) * 4 & 0xF;
        int high = Block.u8(s, o + 8 + (g & 3)) >>> (g >>> 2) * 2 & 3;
        return low | high << 4;
    }
}
