package dev.skald.kernels.format;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.pack.Packing;
import dev.skald.kernels.pack.Packing.Kind;
import dev.skald.kernels.pack.Packing.Scaling;
import java.lang.foreign.MemorySegment;

/** IEEE half precision. */
final class F16 extends QuantFormat {
    private static final Packing PACKING = new Packing(32, Kind.F16, Packing.natural(32), null, 0, Scaling.NONE, 32);

    /** Half-way between the largest number and what would be the next. */
    private static final float TOO_LARGE = 65520;

    /** The one format of this type. */
    public F16() {
        super(GgmlType.F16);
    }

    @Override
    protected void decodeBlock(MemorySegment s, long o, float[] y, int yo) {
        y[yo] = Block.f16(s, o);
    }

    @Override
    protected void decodeBlocks(MemorySegment s, long o, float[] y, int yo, int count) {
        for (int i = 0; i < count; i++) {
            y[yo + i] = Block.f16(s, o + 2L * i);
        }
    }

    @Override
    public boolean canEncode() {
        return true;
    }

    /** Infinities and NaN stay what they are; nothing else becomes one of them. */
    @Override
    protected void encodeRow(float[] x, int xo, float[] importance, MemorySegment s, long o, int columns) {
        for (int i = xo; i < xo + columns; i++) {
            float size = Math.abs(x[i]);
            if (size >= TOO_LARGE && size <= Float.MAX_VALUE) {
                throw Block.tooLarge(x[i]);
            }
        }
        for (int i = 0; i < columns; i++) {
            Block.putI16(s, o + 2L * i, Float.floatToFloat16(x[xo + i]));
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
