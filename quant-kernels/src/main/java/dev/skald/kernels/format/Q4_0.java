package dev.skald.kernels.format;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.Packing;
import dev.skald.kernels.Packing.Kind;
import dev.skald.kernels.Packing.Scaling;
import dev.skald.kernels.QuantFormat;
import java.lang.foreign.MemorySegment;

/** y = d (q - 8); byte j holds columns j (low half) and j + 16. */
public final class Q4_0 extends QuantFormat {
    private static final Packing PACKING = new Packing(32, Kind.BIT4, Pack.halves(32), null, 8, Scaling.F16, 32);

    /** The one format of this type. */
    public Q4_0() {
        super(GgmlType.Q4_0);
    }

    @Override
    protected void decodeBlock(MemorySegment s, long o, float[] y, int yo) {
        float d = Block.f16(s, o);
        for (int j = 0; j < 16; j++) {
            int q = Block.u8(s, o + 2 + j);
            y[yo + j] = ((q & 0xF) - 8) * d;
            y[yo + j + 16] = ((q >>> 4) - 8) * d;
        }
    }

    @Override
    public boolean canEncode() {
        return true;
    }

    @Override
    protected void encodeBlock(float[] x, int xo, MemorySegment s, long o) {
        // The value of largest magnitude, sign kept, becomes code 0, which stands for -8 d.
        float max = 0;
        float amax = 0;
        for (int j = 0; j < 32; j++) {
            float v = x[xo + j];
            if (Math.abs(v) > amax) {
                amax = Math.abs(v);
                max = v;
            }
        }
        float d = max / -8;
        float id = d != 0 ? 1 / d : 0;
        Block.putF16(s, o, d);
        for (int j = 0; j < 16; j++) {
            int low = code(x[xo + j] * id);
            int high = code(x[xo + j + 16] * id);
            Block.putI8(s, o + 2 + j, low | high << 4);
        }
    }

    private static int code(float scaled) {
        return Math.min(15, (int) (scaled + 8.5f));
    }

    @Override
    public Packing packing() {
        return PACKING;
    }

    @Override
    protected void packBlock(MemorySegment s, long o, long end, int[] words) {
        Pack.raw(s, o + 2, 4, words, 0);
        words[4] = Block.u16(s, o);
    }
}
