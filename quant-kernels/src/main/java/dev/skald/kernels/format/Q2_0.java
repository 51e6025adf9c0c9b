package dev.skald.kernels.format;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.encode.Stripes;
import dev.skald.kernels.pack.Packing;
import dev.skald.kernels.pack.Packing.Kind;
import dev.skald.kernels.pack.Packing.Scaling;
import java.lang.foreign.MemorySegment;

/** y = d (q - 1), four q in a byte, lowest bits first. */
final class Q2_0 extends QuantFormat {
    private static final Packing PACKING = new Packing(64, Kind.BIT2, Packing.natural(64), null, 1, Scaling.F16, 64);

    /** The one format of this type. */
    public Q2_0() {
        super(GgmlType.Q2_0);
    }

    @Override
    protected void decodeBlock(MemorySegment s, long o, float[] y, int yo) {
        float d = Block.f16(s, o);
        for (int i = 0; i < 64; i++) {
            y[yo + i] = ((Block.u8(s, o + 2 + (i >>> 2)) >>> 2 * (i & 3) & 3) - 1) * d;
        }
    }

    @Override
    public boolean canEncode() {
        return true;
    }

    @Override
    protected void encodeBlock(float[] x, int xo, MemorySegment s, long o) {
        float d = Math.abs(Codes.KERNELS.extreme(x, xo, 64));
        Block.putF16(s, o, d);
        int[] codes = Stripes.ofThread().codes;
        Codes.KERNELS.roundAway(x, xo, 64, Codes.inverse(d), codes, 0);
        for (int i = 0; i < 64; i += 4) {
            int q = codes[i] + 1 | codes[i + 1] + 1 << 2 | codes[i + 2] + 1 << 4 | codes[i + 3] + 1 << 6;
            Block.putI8(s, o + 2 + i / 4, q);
        }
    }

    @Override
    public Packing packing() {
        return PACKING;
    }

    @Override
    public void packBlock(MemorySegment s, long o, long end, int[] words) {
        Pack.raw(s, o + 2, 4, words, 0);
        words[4] = Block.u16(s, o);
    }
}
