package dev.skald.kernels.format;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.Packing;
import dev.skald.kernels.Packing.Kind;
import dev.skald.kernels.Packing.Plane;
import dev.skald.kernels.Packing.Scaling;
import dev.skald.kernels.QuantFormat;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** y = d sc (q - 32), with an 8-bit sc per 16 columns. */
public final class Q6_K extends QuantFormat {
    private static final Packing PACKING = new Packing(
            256,
            List.of(
                    new Plane(Kind.BIT4, 1, Packing.byBytes(256, 4), null),
                    new Plane(Kind.BIT2, 16, Packing.byBytes(256, 2), null)),
            32,
            Scaling.SUPER,
            16);

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

    @Override
    public Packing packing() {
        return PACKING;
    }

    @Override
    protected void packBlock(MemorySegment s, long o, long end, int[] words) {
        for (int g = 0; g < 8; g++) {
            int half = g >>> 2;
            int quarter = g & 3;
            Pack.nibbles(s, o + 64 * half + 32 * (quarter & 1), (quarter >>> 1) * 4, words, 4 * g);
            Pack.pairs(s, o + 128 + 32 * half, 2 * quarter, words, 32 + 2 * g);
        }
        words[48] = Block.u16(s, o + 208);
        Pack.raw(s, o + 192, 4, words, 49);
        for (int i = 49; i < 53; i++) {
            words[i] ^= 0x80808080;
        }
    }
}
