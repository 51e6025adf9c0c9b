package dev.skald.kernels.format;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.pack.Packing;
import dev.skald.kernels.pack.Packing.Kind;
import dev.skald.kernels.pack.Packing.Scaling;
import java.lang.foreign.MemorySegment;

/** y = d where a bit is set, else -d. */
final class Q1_0 extends QuantFormat {
    /** A bit stands in two, 2 or 0 for d or -d: the kernels compute no faster on fewer. */
    private static final Packing PACKING =
            new Packing(128, Kind.BIT2, Packing.natural(128), null, 1, Scaling.F16, 128).using(0b10);

    /** The one format of this type. */
    public Q1_0() {
        super(GgmlType.Q1_0);
    }

    @Override
    protected void decodeBlock(MemorySegment s, long o, float[] y, int yo) {
        float d = Block.f16(s, o);
        for (int i = 0; i < 128; i++) {
            y[yo + i] = d * (2 * (Block.u8(s, o + 2 + (i >>> 3)) >>> (i & 7) & 1) - 1);
        }
    }

    @Override
    public boolean canEncode() {
        return true;
    }

    @Override
    protected void encodeBlock(float[] x, int xo, MemorySegment s, long o) {
        float sum = 0;
        for (int i = 0; i < 128; i++) {
            sum += Math.abs(x[xo + i]);
        }
        Block.putF16(s, o, sum / 128);
        for (int i = 0; i < 128; i += 8) {
            int bits = 0;
            for (int k = 0; k < 8; k++) {
                bits |= x[xo + i + k] >= 0 ? 1 << k : 0;
            }
            Block.putI8(s, o + 2 + i / 8, bits);
        }
    }

    @Override
    public Packing packing() {
        return PACKING;
    }

    @Override
    public void packBlock(MemorySegment s, long o, long end, int[] words) {
        for (int i = 0; i < 8; i++) {
            words[i] = Integer.expand(Block.u16(s, o + 2 + 2 * i), 0xAAAAAAAA);
        }
        words[8] = Block.u16(s, o);
    }
}
