package dev.skald.kernels.format;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.encode.Stripes;
import dev.skald.kernels.pack.Packing;
import dev.skald.kernels.pack.Packing.Kind;
import dev.skald.kernels.pack.Packing.Scaling;
import java.lang.foreign.MemorySegment;

/** y = d (q - 16); the fifth bit of column j is bit j of {@code qh}. */
final class Q5_0 extends StripedFormat {
    private static final Packing PACKING = new Packing(32, Kind.BIT5, Packing.natural(32), null, 16, Scaling.F16, 32);

    /** The one format of this type. */
    public Q5_0() {
        super(GgmlType.Q5_0, 32, Spread.ROW);
    }

    @Override
    protected void decodeBlock(MemorySegment s, long o, float[] y, int yo) {
        float d = Block.f16(s, o);
        int qh = Block.i32(s, o + 2);
        for (int j = 0; j < 16; j++) {
            int q = Block.u8(s, o + 6 + j);
            y[yo + j] = ((q & 0xF | (qh >>> j & 1) << 4) - 16) * d;
            y[yo + j + 16] = ((q >>> 4 | (qh >>> j + 16 & 1) << 4) - 16) * d;
        }
    }

    @Override
    protected void encodeBlock(float[] x, int xo, MemorySegment s, long o) {
        // The value of largest magnitude, sign kept, becomes code 0, which stands for -16 d.
        float d = Codes.KERNELS.extreme(x, xo, 32) / -16;
        Block.putF16(s, o, d);
        int[] codes = Stripes.ofThread().codes;
        Codes.KERNELS.truncate(x, xo, 32, 0, Codes.inverse(d), 16.5f, 31, codes, 0);
        put(codes, s, o + 2);
    }

    @Override
    void search(Stripes g, boolean important) {
        SEARCH.symmetric(g, 16);
    }

    @Override
    void write(Stripes g, int first, boolean important, float[] x, int xo, MemorySegment s, long o) {
        Block.putF16(s, o, g.scale[first]);
        g.found(first, 16, 0);
        put(g.codes, s, o + 2);
    }

    /** Writes 32 upper bits at o and the lower halves of the codes behind them. */
    static void put(int[] codes, MemorySegment s, long o) {
        int upper = 0;
        for (int j = 0; j < 32; j++) {
            upper |= (codes[j] >>> 4) << j;
        }
        Block.putI32(s, o, upper);
        Codes.putHalves(codes, 0, s, o + 4);
    }

    @Override
    public Packing packing() {
        return PACKING;
    }

    @Override
    public void packBlock(MemorySegment s, long o, long end, int[] words) {
        int[] bytes = new int[8];
        gather(s, o + 6, Block.i32(s, o + 2), bytes);
        Pack.fives(bytes, 0, words, 0);
        words[5] = Block.u16(s, o);
    }

    /** The codes of 16 bytes and 32 upper bits, a byte each. */
    static void gather(MemorySegment s, long o, int upper, int[] bytes) {
        for (int k = 0; k < 4; k++) {
            int q = Block.i32(s, o + 4 * k);
            bytes[k] = q & 0x0F0F0F0F | spread(upper >>> 4 * k);
            bytes[4 + k] = q >>> 4 & 0x0F0F0F0F | spread(upper >>> 16 + 4 * k);
        }
    }

    /** The lowest four bits, each at bit 4 of a byte. */
    private static int spread(int bits) {
        return (bits & 1) << 4 | (bits & 2) << 11 | (bits & 4) << 18 | (bits & 8) << 25;
    }
}
