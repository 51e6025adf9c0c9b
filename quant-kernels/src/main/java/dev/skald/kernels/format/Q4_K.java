package dev.skald.kernels.format;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.encode.Stripes;
import dev.skald.kernels.pack.Packing;
import dev.skald.kernels.pack.Packing.Kind;
import dev.skald.kernels.pack.Packing.Scaling;
import java.lang.foreign.MemorySegment;

/** y = d sc q - dmin m, with 6-bit sc and m per 32 columns. */
final class Q4_K extends StripedFormat {
    private static final Packing PACKING =
            new Packing(256, Kind.BIT4, Packing.byBytes(256, 4), null, 0, Scaling.SUPER_MIN, 32);

    /** The one format of this type. */
    public Q4_K() {
        super(GgmlType.Q4_K, 32, Spread.BLOCK_TWICE);
    }

    @Override
    protected void decodeBlock(MemorySegment s, long o, float[] y, int yo) {
        float d = Block.f16(s, o);
        float dmin = Block.f16(s, o + 2);
        for (int g = 0; g < 8; g++) {
            float scale = d * scale(s, o + 4, g);
            float min = dmin * min(s, o + 4, g);
            // 32 bytes hold an even stripe in their low halves and the odd one after it in their high halves.
            long codes = o + 16 + 32 * (g >>> 1);
            int shift = (g & 1) * 4;
            for (int j = 0; j < 32; j++) {
                y[yo + 32 * g + j] = scale * (Block.u8(s, codes + j) >>> shift & 0xF) - min;
            }
        }
    }

    /** The 6-bit scale of stripe g in the 12 bytes at o. */
    static int scale(MemorySegment s, long o, int g) {
        return g < 4 ? Block.u8(s, o + g) & 63 : Block.u8(s, o + g + 4) & 0xF | Block.u8(s, o + g - 4) >>> 6 << 4;
    }

    /** The 6-bit minimum of stripe g in the 12 bytes at o. */
    static int min(MemorySegment s, long o, int g) {
        return g < 4 ? Block.u8(s, o + g + 4) & 63 : Block.u8(s, o + g + 4) >>> 4 | Block.u8(s, o + g) >>> 6 << 4;
    }

    @Override
    void search(Stripes g, boolean important) {
        if (important) {
            SEARCH.affine(g, 15, -0.9f, 0.05f, 36, false);
        } else {
            SEARCH.weighByMagnitude(g, true);
            SEARCH.affine(g, 15, -1, 0.1f, 20, false);
        }
    }

    @Override
    void write(Stripes g, int first, boolean important, float[] x, int xo, MemorySegment s, long o) {
        writeScales(g, first, important, 15, x, xo, s, o);
        Codes.putNibbles(g.codes, 8, s, o + 16);
    }

    /** Writes d, dmin and the 12 bytes of scales and minima at o + 4, and finds the codes of the block's columns. */
    static void writeScales(
            Stripes g, int first, boolean important, int high, float[] x, int xo, MemorySegment s, long o) {
        float d = Block.putF16(s, o, nested(g.scale, first, 8, 63, g, important, g.scales));
        float dmin = Block.putF16(s, o + 2, nested(g.min, first, 8, 63, g, important, g.mins));
        for (int k = 0; k < 4; k++) {
            Block.putI8(s, o + 4 + k, g.scales[k] | g.scales[k + 4] >>> 4 << 6);
            Block.putI8(s, o + 8 + k, g.mins[k] | g.mins[k + 4] >>> 4 << 6);
            Block.putI8(s, o + 12 + k, g.scales[k + 4] & 0xF | (g.mins[k + 4] & 0xF) << 4);
        }
        codes(g, first, 32, d, dmin, high, x, xo);
    }

    @Override
    public Packing packing() {
        return PACKING;
    }

    @Override
    public void packBlock(MemorySegment s, long o, long end, int[] words) {
        packCodes(s, o + 16, words);
        packScales(s, o, words, 32);
    }

    /** d and dmin, the scales and the minima of a block whose 12 scale bytes are at o + 4. */
    static void packScales(MemorySegment s, long o, int[] words, int at) {
        words[at] = Block.i32(s, o);
        for (int g = 0; g < 8; g++) {
            Pack.putByte(words, at + 1, g, scale(s, o + 4, g) + 128);
            Pack.putByte(words, at + 3, g, min(s, o + 4, g) + 128);
        }
    }

    /** The 4-bit codes of a block whose 128 bytes of them are at o. */
    static void packCodes(MemorySegment s, long o, int[] words) {
        for (int g = 0; g < 8; g++) {
            Pack.nibbles(s, o + 32 * (g >>> 1), (g & 1) * 4, words, 4 * g);
        }
    }
}
