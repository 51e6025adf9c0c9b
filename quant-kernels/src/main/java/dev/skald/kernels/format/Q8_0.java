package dev.skald.kernels.format;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.encode.Stripes;
import dev.skald.kernels.pack.Packing;
import dev.skald.kernels.pack.Packing.Kind;
import dev.skald.kernels.pack.Packing.Scaling;
import java.lang.foreign.MemorySegment;

/** y = d q. */
final class Q8_0 extends QuantFormat {
    private static final Packing PACKING = new Packing(32, Kind.BIT8, Packing.natural(32), null, 128, Scaling.F16, 32);

    /** The one format of this type. */
    public Q8_0() {
        super(GgmlType.Q8_0);
    }

    @Override
    protected void decodeBlock(MemorySegment s, long o, float[] y, int yo) {
        float d = Block.f16(s, o);
        for (int j = 0; j < 32; j++) {
            y[yo + j] = Block.i8(s, o + 2 + j) * d;
        }
    }

    @Override
    public boolean canEncode() {
        return true;
    }

    @Override
    protected void encodeBlock(float[] x, int xo, MemorySegment s, long o) {
        float d = Math.abs(Codes.KERNELS.extreme(x, xo, 32)) / 127;
        Block.putF16(s, o, d);
        int[] codes = Stripes.ofThread().codes;
        Codes.KERNELS.roundAway(x, xo, 32, Codes.inverse(d), codes, 0);
        Codes.putBytes(codes, s, o + 2);
    }

    @Override
    public Packing packing() {
        return PACKING;
    }

    @Override
    public void packBlock(MemorySegment s, long o, long end, int[] words) {
        Pack.raw(s, o + 2, 8, words, 0);
        for (int i = 0; i < 8; i++) {
            // Signed codes become codes from 0 on.
            words[i] ^= 0x80808080;
        }
        words[8] = Block.u16(s, o);
    }
}
