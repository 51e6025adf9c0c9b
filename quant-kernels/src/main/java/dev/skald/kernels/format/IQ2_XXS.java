package dev.skald.kernels.format;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.pack.Packing;
import dev.skald.kernels.pack.Packing.Kind;
import dev.skald.kernels.pack.Packing.Scaling;
import java.lang.foreign.MemorySegment;

/** y = d (2 s + 1) v / 8: per 32 columns eight bytes, four of points, then four of seven signs each and s on top. */
final class IQ2_XXS extends SignedCodebook {
    private static final float UNIT = 1f / 8;

    private static final Packing PACKING = new Packing(
                    256, Kind.TABLE4, Packing.natural(256), table(Codebook.Values.IQ2, UNIT), 0, Scaling.SUPER, 32)
            .using(0b1011);

    /** The one format of this type. */
    public IQ2_XXS() {
        super(GgmlType.IQ2_XXS, UNIT, PACKING, true, 1);
    }

    @Override
    public boolean needsImportance() {
        return true;
    }

    @Override
    Codebook codebook() {
        return Codebook.IQ2_XXS;
    }

    @Override
    int point(MemorySegment s, long o, int i) {
        return Block.u8(s, o + 2 + 8 * (i >>> 2) + (i & 3));
    }

    @Override
    void putPoint(MemorySegment s, long o, int i, int point) {
        Block.or8(s, o + 2 + 8 * (i >>> 2) + (i & 3), point);
    }

    @Override
    int signs(MemorySegment s, long o, int g) {
        return Codebook.evenSigns(Block.i32(s, o + 6 + 8 * (g >>> 2)) >>> 7 * (g & 3) & 127);
    }

    @Override
    void putSigns(MemorySegment s, long o, int g, int signs) {
        Block.or32(s, o + 6 + 8 * (g >>> 2), (signs & 127) << 7 * (g & 3));
    }

    @Override
    int scale(MemorySegment s, long o, int g) {
        return Block.i32(s, o + 6 + 8 * g) >>> 28;
    }

    @Override
    void putScale(MemorySegment s, long o, int g, int scale) {
        Block.or32(s, o + 6 + 8 * g, scale << 28);
    }
}
