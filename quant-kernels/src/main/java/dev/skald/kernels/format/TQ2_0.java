package dev.skald.kernels.format;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.encode.Stripes;
import dev.skald.kernels.pack.Packing;
import dev.skald.kernels.pack.Packing.Kind;
import dev.skald.kernels.pack.Packing.Scaling;
import java.lang.foreign.MemorySegment;

/** y = d (q - 1); a byte of a half's 32 holds columns j, j + 32, j + 64, j + 96. */
final class TQ2_0 extends QuantFormat {
    /** Each d stands twice, for a half each: codes of more columns make a less exact sum. */
    private static final Packing PACKING =
            new Packing(256, Kind.BIT2, Packing.byBytes(256, 2), null, 1, Scaling.F16, 128);

    /** The one format of this type. */
    public TQ2_0() {
        super(GgmlType.TQ2_0);
    }

    @Override
    protected void decodeBlock(MemorySegment s, long o, float[] y, int yo) {
        float d = Block.f16(s, o + 64);
        for (int i = 0; i < 256; i++) {
            int q = Block.u8(s, o + 32 * (i >>> 7) + (i & 31)) >>> 2 * (i >>> 5 & 3) & 3;
            y[yo + i] = (q - 1) * d;
        }
    }

    @Override
    public boolean canEncode() {
        return true;
    }

    @Override
    protected void encodeBlock(float[] x, int xo, MemorySegment s, long o) {
        int[] codes = Stripes.ofThread().codes;
        Block.putF16(s, o + 64, ternary(x, xo, codes));
        Codes.putPairs(codes, 0, s, o);
    }

    /** Rounds 256 columns to -1, 0 and 1 times the largest magnitude, which is returned; the codes are one more. */
    static float ternary(float[] x, int xo, int[] codes) {
        float d = Math.abs(Codes.KERNELS.extreme(x, xo, 256));
        Codes.KERNELS.roundAway(x, xo, 256, Codes.inverse(d), codes, 0);
        for (int i = 0; i < 256; i++) {
            codes[i]++;
        }
        return d;
    }

    @Override
    public Packing packing() {
        return PACKING;
    }

    @Override
    public void packBlock(MemorySegment s, long o, long end, int[] words) {
        for (int g = 0; g < 8; g++) {
            Pack.pairs(s, o + 32 * (g >>> 2), 2 * (g & 3), words, 2 * g);
        }
        words[16] = Block.u16(s, o + 64) * 0x10001;
    }
}
