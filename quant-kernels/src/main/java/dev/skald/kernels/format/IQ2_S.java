package dev.skald.kernels.format;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.pack.Packing;
import dev.skald.kernels.pack.Packing.Kind;
import dev.skald.kernels.pack.Packing.Scaling;
import java.lang.foreign.MemorySegment;

/** y = d (2 s + 1) v / 8: lower eight bits of points, signs, upper two bits of points, two s of 16 columns in a byte. */
final class IQ2_S extends SignedCodebook {
    private static final float UNIT = 1f / 8;

    private static final Packing PACKING = new Packing(
                    256, Kind.TABLE4, Packing.natural(256), table(Codebook.Values.IQ2, UNIT), 0, Scaling.SUPER, 16)
            .using(0b1011);

    /** The one format of this type. */
    public IQ2_S() {
        super(GgmlType.IQ2_S, UNIT, PACKING, false, 2);
    }

    @Override
    Codebook codebook() {
        return Codebook.IQ2_S;
    }

    @Override
    int point(MemorySegment s, long o, int i) {
        int high = Block.u8(s, o + 66 + (i >>> 2)) >>> 2 * (i & 3) & 3;
        return Block.u8(s, o + 2 + i) | high << 8;
    }

    @Override
    void putPoint(MemorySegment s, long o, int i, int point) {
        Block.or8(s, o + 2 + i, point & 0xFF);
        Block.or8(s, o + 66 + (i >>> 2), point >>> 8 << 2 * (i & 3));
    }

    @Override
    int signs(MemorySegment s, long o, int g) {
        return Block.u8(s, o + 34 + g);
    }

    @Override
    void putSigns(MemorySegment s, long o, int g, int signs) {
        Block.or8(s, o + 34 + g, signs);
    }

    @Override
    int scale(MemorySegment s, long o, int g) {
        return Block.u8(s, o + 74 + (g >>> 1)) >>> 4 * (g & 1) & 0xF;
    }

    @Override
    void putScale(MemorySegment s, long o, int g, int scale) {
        Block.or8(s, o + 74 + (g >>> 1), scale << 4 * (g & 1));
    }
}
