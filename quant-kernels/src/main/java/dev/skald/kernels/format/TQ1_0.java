package dev.skald.kernels.format;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.encode.Stripes;
import dev.skald.kernels.pack.Packing;
import dev.skald.kernels.pack.Packing.Kind;
import dev.skald.kernels.pack.Packing.Scaling;
import java.lang.foreign.MemorySegment;

/**
 * y = d (q - 1), five q in a byte. The byte is a fraction of 256 whose digits in base 3 are the q, the first the highest:
 * multiplied by 3 it has the next digit above its eight bits.
 */
final class TQ1_0 extends QuantFormat {
    private static final int[] POWERS = {1, 3, 9, 27, 81};

    /** As {@link TQ2_0}, in the order of columns. */
    private static final Packing PACKING = new Packing(256, Kind.BIT2, Packing.natural(256), null, 1, Scaling.F16, 128);

    /** The one format of this type. */
    public TQ1_0() {
        super(GgmlType.TQ1_0);
    }

    @Override
    protected void decodeBlock(MemorySegment s, long o, float[] y, int yo) {
        float d = Block.f16(s, o + 52);
        for (int i = 0; i < 256; i++) {
            y[yo + i] = (code(s, o, i) - 1) * d;
        }
    }

    /** The digits of 32 bytes come first, all first ones, then all second ones; then those of 16 bytes and of 4. */
    private static int code(MemorySegment s, long o, int column) {
        if (column < 160) {
            return digit(Block.u8(s, o + column % 32), column / 32);
        }
        if (column < 240) {
            return digit(Block.u8(s, o + 32 + column % 16), (column - 160) / 16);
        }
        return digit(Block.u8(s, o + 48 + column % 4), (column - 240) / 4);
    }

    private static int digit(int fraction, int n) {
        return (fraction * POWERS[n] & 0xFF) * 3 >>> 8;
    }

    @Override
    public boolean canEncode() {
        return true;
    }

    @Override
    protected void encodeBlock(float[] x, int xo, MemorySegment s, long o) {
        int[] codes = Stripes.ofThread().codes;
        Block.putF16(s, o + 52, TQ2_0.ternary(x, xo, codes));
        for (int j = 0; j < 52; j++) {
            int from = j < 32 ? j : j < 48 ? 160 + j - 32 : 240 + j - 48;
            int apart = j < 32 ? 32 : j < 48 ? 16 : 4;
            int digits = 0;
            for (int n = 0; n < 5; n++) {
                // The last four bytes have four columns each: their fifth digit is 0.
                digits = 3 * digits + (j < 48 || n < 4 ? codes[from + n * apart] : 0);
            }
            // The least fraction of 256 that is no less than the digits are of 3^5.
            Block.putI8(s, o + j, (digits * 256 + 242) / 243);
        }
    }

    @Override
    public Packing packing() {
        return PACKING;
    }

    @Override
    public void packBlock(MemorySegment s, long o, long end, int[] words) {
        for (int i = 0; i < 16; i++) {
            int word = 0;
            for (int j = 0; j < 16; j++) {
                word |= code(s, o, 16 * i + j) << 2 * j;
            }
            words[i] = word;
        }
        words[16] = Block.u16(s, o + 52) * 0x10001;
    }
}
