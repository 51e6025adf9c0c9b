package dev.skald.kernels.format;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.pack.Packing;
import dev.skald.kernels.pack.Packing.Kind;
import dev.skald.kernels.pack.Packing.Scaling;
import java.lang.foreign.MemorySegment;

/** y = d (2 s + 1) v / 8: per eight columns 9 bits of a point and seven signs; per 32 columns two s in a byte. */
final class IQ2_XS extends SignedCodebook {
    private static final float UNIT = 1f / 8;

    private static final Packing PACKING = new Packing(
                    256, Kind.TABLE4, Packing.natural(256), table(Codebook.Values.IQ2, UNIT), 0, Scaling.SUPER, 16)
            .using(0b1011);

    /** The one format of this type. */
    public IQ2_XS() {
        super(GgmlType.IQ2_XS, UNIT, PACKING, true, 1);
    }

    @Override
    public boolean needsImportance() {
        return true;
    }

    @Override
    Codebook codebook() {
        return Codebook.IQ2_XS;
    }

    @Override
    int point(MemorySegment s, long o, int i) {
        return Block.u16(s, o + 2 + 2 * i) & 511;
    }

    @Override
    void putPoint(MemorySegment s, long o, int i, int point) {
        Block.or16(s, o + 2 + 2 * i, point);
    }

    @Override
    int signs(MemorySegment s, long o, int g) {
        return Codebook.evenSigns(Block.u16(s, o + 2 + 2 * g) >>> 9);
    }

    @Override
    void putSigns(MemorySegment s, long o, int g, int signs) {
        Block.or16(s, o + 2 + 2 * g, (signs & 127) << 9);
    }

    @Override
    int scale(MemorySegment s, long o, int g) {
        return Block.u8(s, o + 66 + (g >>> 1)) >>> 4 * (g & 1) & 0xF;
    }

    @Override
    void putScale(MemorySegment s, long o, int g, int scale) {
        Block.or8(s, o + 66 + (g >>> 1), scale << 4 * (g & 1));
    }
}
