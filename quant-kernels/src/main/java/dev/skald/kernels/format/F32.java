package dev.skald.kernels.format;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.QuantFormat;
import java.lang.foreign.MemorySegment;

/** Plain float32. */
public final class F32 extends QuantFormat {
    /** The one format of this type. */
    public F32() {
        super(GgmlType.F32);
    }

    @Override
    protected void decodeBlock(MemorySegment s, long o, float[] y, int yo) {
        y[yo] = Block.f32(s, o);
    }

    @Override
    public boolean canEncode() {
        return true;
    }

    @Override
    protected void encodeBlock(float[] x, int xo, MemorySegment s, long o) {
        Block.putF32(s, o, x[xo]);
    }
}
