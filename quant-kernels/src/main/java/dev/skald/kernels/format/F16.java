package dev.skald.kernels.format;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.Packing;
import dev.skald.kernels.Packing.Kind;
import dev.skald.kernels.Packing.Scaling;
import dev.skald.kernels.QuantFormat;
import java.lang.foreign.MemorySegment;

/** IEEE half precision. */
public final class F16 extends QuantFormat {
    private static final Packing PACKING = new Packing(32, Kind.F16, Packing.natural(32), null, 0, Scaling.NONE, 32);

    /** The one format of this type. */
    public F16() {
        super(GgmlType.F16);
    }

    @Override
    protected void decodeBlock(MemorySegment s, long o, float[] y, int yo) {
        y[yo] = Block.f16(s, o);
    }

    @Override
    public boolean canEncode() {
        return true;
    }

    @Override
    protected void encodeBlock(float[] x, int xo, MemorySegment s, long o) {
        short half = Float.floatToFloat16(x[xo]);
        if ((half & 0x7FFF) == 0x7C00 && Math.abs(x[xo]) <= Float.MAX_VALUE) {
            throw Block.tooLarge(x[xo]);
        }
        Block.putI16(s, o, half);
    }

    @Override
    public Packing packing() {
        return PACKING;
    }

    @Override
    protected void packBlock(MemorySegment s, long o, long end, int[] words) {
        Pack.shorts(s, o, end, words);
    }
}
