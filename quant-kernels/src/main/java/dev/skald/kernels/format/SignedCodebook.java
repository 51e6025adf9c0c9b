package dev.skald.kernels.format;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.Packing;
import dev.skald.kernels.QuantFormat;
import java.lang.foreign.MemorySegment;

/**
 * y = d (2 s + 1) unit v: magnitudes v from a codebook, a sign for each column, and a 4-bit s per 16 or 32 columns. The
 * formats differ in where these stand in a block of 256 columns.
 */
abstract class SignedCodebook extends QuantFormat {
    private final float unit;
    private final Packing packing;

    /** All formats have a power of two for their unit, and packed codes whose values are unit v, or half of that. */
    SignedCodebook(GgmlType type, float unit, Packing packing) {
        super(type);
        this.unit = unit;
        this.packing = packing;
    }

    /** The magnitudes. A method, so that a codebook is unpacked when it is first used. */
    abstract Codebook codebook();

    /** The i-th point of the block at o, in the order of columns. */
    abstract int point(MemorySegment s, long o, int i);

    /** The signs of the g-th eight columns, bit j for column j. */
    abstract int signs(MemorySegment s, long o, int g);

    /** The 4-bit scale of the g-th 16 or 32 columns. */
    abstract int scale(MemorySegment s, long o, int g);

    @Override
    protected final void decodeBlock(MemorySegment s, long o, float[] y, int yo) {
        Codebook codebook = codebook();
        int n = codebook.columns();
        float d = Block.f16(s, o);
        for (int c = 0; c < 256; c += n) {
            float scale = d * (2 * scale(s, o, c / packing.scaleColumns()) + 1) * unit;
            int point = point(s, o, c / n);
            int signs = signs(s, o, c >>> 3) >>> (c & 7);
            for (int j = 0; j < n; j++) {
                float v = scale * codebook.value(point, j);
                y[yo + c + j] = (signs >>> j & 1) == 0 ? v : -v;
            }
        }
    }

    @Override
    public final Packing packing() {
        return packing;
    }

    @Override
    protected final void packBlock(MemorySegment s, long o, long end, int[] words) {
        Codebook codebook = codebook();
        for (int g = 0; g < 32; g++) {
            int magnitudes = codebook.columns() == 8
                    ? codebook.nibbles(point(s, o, g))
                    : codebook.nibbles(point(s, o, 2 * g)) | codebook.nibbles(point(s, o, 2 * g + 1)) << 16;
            words[g] = word(magnitudes, Integer.expand(signs(s, o, g), 0x11111111));
        }
        words[32] = Block.u16(s, o);
        for (int g = 0; g < 256 / packing.scaleColumns(); g++) {
            Pack.putByte(words, 33, g, packedScale(2 * scale(s, o, g) + 1) + 128);
        }
    }

    /** Eight packed codes, of indices of magnitudes and of signs, four bits a column each. */
    int word(int magnitudes, int signs) {
        return magnitudes | signs << 3;
    }

    /** The factor on the values of packed codes. */
    int packedScale(int scale) {
        return scale;
    }

    /** Table values for {@link #word}: unit v, and then all of them negative. */
    static float[] table(int[] magnitudes, float unit) {
        float[] table = new float[16];
        for (int i = 0; i < magnitudes.length; i++) {
            table[i] = magnitudes[i] * unit;
            table[8 + i] = -magnitudes[i] * unit;
        }
        return table;
    }
}
