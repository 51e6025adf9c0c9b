package dev.skald.kernels.format;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.Packing;
import dev.skald.kernels.Packing.Kind;
import dev.skald.kernels.Packing.Scaling;
import dev.skald.kernels.QuantFormat;
import java.lang.foreign.MemorySegment;

/** y = d (sc - 32) (q - 4), with 6-bit sc per 16 columns; the third bit of q is in {@code hmask}. */
public final class Q3_K extends QuantFormat {
    /** Three bits stand in four: of 3-bit codes a word would have columns of two scale blocks. */
    private static final Packing PACKING =
            new Packing(256, Kind.BIT4, Packing.byBytes(256, 4), null, 4, Scaling.SUPER, 16);

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

    @Override
    public Packing packing() {
        return PACKING;
    }

    @Override
    protected void packBlock(MemorySegment s, long o, long end, int[] words) {
        for (int g = 0; g < 8; g++) {
            for (int k = 0; k < 4; k++) {
                int low = codes(s, o, g, 2 * k);
                int high = codes(s, o, g, 2 * k + 1);
                words[4 * g + k] = low | high << 4;
            }
        }
        words[32] = Block.u16(s, o + 108);
        for (int g = 0; g < 16; g++) {
            Pack.putByte(words, 33, g, scale(s, o + 96, g) - 32 + 128);
        }
    }

    /** Four codes, a byte each: columns 4 i to 4 i + 3 of the g-th 32. */
    private static int codes(MemorySegment s, long o, int g, int i) {
        int low = Block.i32(s, o + 32 + 32 * (g >>> 2) + 4 * i) >>> 2 * (g & 3) & 0x03030303;
        int high = Block.i32(s, o + 4 * i) >>> g & 0x01010101;
        return low | high << 2;
    }
}
