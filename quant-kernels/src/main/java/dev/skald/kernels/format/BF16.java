package dev.skald.kernels.format;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.pack.Packing;
import dev.skald.kernels.pack.Packing.Kind;
import dev.skald.kernels.pack.Packing.Scaling;
import java.lang.foreign.MemorySegment;

/** The upper half of a float32, rounded to nearest even. */
final class BF16 extends QuantFormat {
    private static final Packing PACKING = new Packing(32, Kind.BF16, Packing.natural(32), null, 0, Scaling.NONE, 32);

    /** The one format of this type. */
    public BF16() {
        super(GgmlType.BF16);
    }

    @Override
    protected void decodeBlock(MemorySegment s, long o, float[] y, int yo) {
        y[yo] = Block.bf16(s, o);
    }

    @Override
    protected void decodeBlocks(MemorySegment s, long o, float[] y, int yo, int count) {
        for (int i = 0; i < count; i++) {
            y[yo + i] = Block.bf16(s, o + 2L * i);
        }
    }

    @Override
    public boolean canEncode() {
        return true;
    }

    @Override
    protected void encodeRow(float[] x, int xo, float[] importance, MemorySegment s, long o, int columns) {
        for (int i = 0; i < columns; i++) {
            int bits = Float.floatToRawIntBits(x[xo + i]);
            boolean nan = (bits & 0x7FFFFFFF) > 0x7F800000;
            // A NaN whose payload sits in the lower half must not round to infinity: set its quiet bit instead.
            int rounded = nan ? bits >>> 16 | 0x40 : (bits + 0x7FFF + (bits >>> 16 & 1)) >>> 16;
            Block.putI16(s, o + 2L * i, rounded);
        }
    }

    @Override
    public Packing packing() {
        return PACKING;
    }

    @Override
    public void packBlock(MemorySegment s, long o, long end, int[] words) {
        Pack.shorts(s, o, end, words);
    }
}
