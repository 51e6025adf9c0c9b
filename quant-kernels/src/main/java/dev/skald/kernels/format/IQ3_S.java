package dev.skald.kernels.format;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.pack.Packing;
import dev.skald.kernels.pack.Packing.Kind;
import dev.skald.kernels.pack.Packing.Scaling;
import java.lang.foreign.MemorySegment;

/** y = d (2 s + 1) v: lower eight bits of points of four columns, ninth bits, signs, two s of 32 columns in a byte. */
final class IQ3_S extends SignedCodebook {
    private static final float UNIT = 1;

    /** The values are the odd numbers from -15 to 15, 2 (q - 7.5). */
    private static final Packing PACKING =
            new Packing(256, Kind.BIT4, Packing.natural(256), null, 7.5f, Scaling.SUPER, 32);

    /** The one format of this type. */
    public IQ3_S() {
        super(GgmlType.IQ3_S, UNIT, PACKING, false, 2);
    }

    @Override
    Codebook codebook() {
        return Codebook.IQ3_S;
    }

    @Override
    int point(MemorySegment s, long o, int i) {
        int high = Block.u8(s, o + 66 + (i >>> 3)) >>> (i & 7) & 1;
        return Block.u8(s, o + 2 + i) | high << 8;
    }

    @Override
    void putPoint(MemorySegment s, long o, int i, int point) {
        Block.or8(s, o + 2 + i, point & 0xFF);
        Block.or8(s, o + 66 + (i >>> 3), point >>> 8 << (i & 7));
    }

    @Override
    int signs(MemorySegment s, long o, int g) {
        return Block.u8(s, o + 74 + g);
    }

    @Override
    void putSigns(MemorySegment s, long o, int g, int signs) {
        Block.or8(s, o + 74 + g, signs);
    }

    @Override
    int scale(MemorySegment s, long o, int g) {
        return Block.u8(s, o + 106 + (g >>> 1)) >>> 4 * (g & 1) & 0xF;
    }

    @Override
    void putScale(MemorySegment s, long o, int g, int scale) {
        Block.or8(s, o + 106 + (g >>> 1), scale << 4 * (g & 1));
    }

    /** The k-th magnitude is 8 + k, or 7 - k where it is negative: all bits turned. */
    @Override
    int word(int magnitudes, int signs) {
        return (0x88888888 | magnitudes) ^ 15 * signs;
    }

    @Override
    int packedScale(int scale) {
        return 2 * scale;
    }
}
