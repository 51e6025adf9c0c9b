package dev.skald.kernels.format;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.pack.Packing;
import dev.skald.kernels.pack.Packing.Kind;
import dev.skald.kernels.pack.Packing.Scaling;
import java.lang.foreign.MemorySegment;

/** Plain float32. */
final class F32 extends QuantFormat {
    private static final Packing PACKING = new Packing(32, Kind.F32, Packing.natural(32), null, 0, Scaling.NONE, 32);

    /** The one format of this type. */
    public F32() {
        super(GgmlType.F32);
    }

    @Override
    protected void decodeBlock(MemorySegment s, long o, float[] y, int yo) {
        y[yo] = Block.f32(s, o);
    }

    @Override
    protected void decodeBlocks(MemorySegment s, long o, float[] y, int yo, int count) {
        for (int i = 0; i < count; i++) {
            y[yo + i] = Block.f32(s, o + 4L * i);
        }
    }

    @Override
    public boolean canEncode() {
        return true;
    }

    @Override
    protected void encodeRow(float[] x, int xo, float[] importance, MemorySegment s, long o, int columns) {
        for (int i = 0; i < columns; i++) {
            Block.putF32(s, o + 4L * i, x[xo + i]);
        }
    }

    @Override
    public Packing packing() {
        return PACKING;
    }

    @Override
    public void packBlock(MemorySegment s, long o, long end, int[] words) {
        for (int i = 0; i < 32; i++) {
            words[i] = o + 4 * i < end ? Block.i32(s, o + 4 * i) : 0;
        }
    }
}
