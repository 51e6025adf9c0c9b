package dev.skald.kernels.format;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.QuantFormat;
import java.lang.foreign.MemorySegment;

/** y = d (sc - 32) v[q], with the values of IQ4_NL and a 6-bit sc per 32 columns. */
public final class IQ4_XS extends QuantFormat {
    /** The one format of this type. */
    public IQ4_XS() {
        super(GgmlType.IQ4_XS);
    }

    @Override
    protected void decodeBlock(MemorySegment s, long o, float[] y, int yo) {
        float d = Block.f16(s, o);
        for (int g = 0; g < 8; g++) {
            float scale = d * (scale(s, o, g) - 32);
            long codes = o + 8 + 16 * g;
            for (int j = 0; j < 16; j++) {
                int q = Block.u8(s, codes + j);
                y[yo + 32 * g + j] = scale * IQ4_NL.VALUES[q & 0xF];
                y[yo + 32 * g + j + 16] = scale * IQ4_NL.VALUES[q >>> 4];
            }
        }
    }

    /** The 6-bit scale of group g: upper two bits in {@code scales_h}, lower four in {@code scales_l}. */
    static int scale(MemorySegment s, long o, int g) {
        int high = Block.u16(s, o + 2) >>> 2 * g & 3;
        int low = Block.u8(s, o + 4 + (g >>> 1)) >>> (g & 1) * 4 & 0xF;
        return low | high << 4;
    }
}
