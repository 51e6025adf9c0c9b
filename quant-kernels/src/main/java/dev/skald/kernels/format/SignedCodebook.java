package dev.skald.kernels.format;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.format.CodebookEncoder.Shape;
import dev.skald.kernels.pack.Packing;
import java.lang.foreign.MemorySegment;

/**
 * y = d (2 s + 1) unit v: magnitudes v from a codebook, a sign for each column, and a 4-bit s per 16 or 32 columns. The
 * formats differ in where these stand in a block of 256 columns.
 *
 * <p>The encoder weighs errors as ggml does with an importance matrix; columns are equally important without one, while
 * ggml then uses x², which gives the largest a closer fit and all others a worse one.
 */
abstract class SignedCodebook extends QuantFormat {
    private final float unit;
    private final Packing packing;
    private final boolean even;
    private final float spread;

    /** One per thread that encodes. */
    private final ThreadLocal<CodebookEncoder> encoders = ThreadLocal.withInitial(this::encoder);

    /**
     * All formats have a power of two for their unit, and packed codes whose values are unit v, or half of that.
     *
     * @param even whether eight columns always have an even number of negative signs
     * @param spread see {@link CodebookEncoder#take}
     */
    SignedCodebook(GgmlType type, float unit, Packing packing, boolean even, float spread) {
        super(type);
        this.unit = unit;
        this.packing = packing;
        this.even = even;
        this.spread = spread;
    }

    /** The magnitudes. A method, so that a codebook is unpacked when it is first used. */
    abstract Codebook codebook();

    /** The i-th point of the block at o, in the order of columns. */
    abstract int point(MemorySegment s, long o, int i);

    /** The signs of the g-th eight columns, bit j for column j. */
    abstract int signs(MemorySegment s, long o, int g);

    /** The 4-bit scale of the g-th 16 or 32 columns. */
    abstract int scale(MemorySegment s, long o, int g);

    /** Writes into a block of zeros what {@link #point} reads. */
    abstract void putPoint(MemorySegment s, long o, int i, int point);

    /** Writes into a block of zeros what {@link #signs} reads. */
    abstract void putSigns(MemorySegment s, long o, int g, int signs);

    /** Writes into a block of zeros what {@link #scale} reads. */
    abstract void putScale(MemorySegment s, long o, int g, int scale);

    @Override
    protected final void decodeBlock(MemorySegment s, long o, float[] y, int yo) {
        Codebook codebook = codebook();
        int n = codebook.columns();
        float d = Block.f16(s, o);
        for (int g = 0; g < 32; g++) {
            float scale = d * (2 * scale(s, o, 8 * g / packing.scaleColumns()) + 1) * unit;
            int signs = signs(s, o, g);
            for (int c = 8 * g; c < 8 * g + 8; c += n) {
                int point = point(s, o, c / n);
                int first = c & 7;
                for (int j = 0; j < n; j++) {
                    // The sign goes where a float has its own: a branch would go wrong every other time.
                    int bits = Float.floatToRawIntBits(scale * codebook.value(point, j));
                    y[yo + c + j] = Float.intBitsToFloat(bits ^ (signs >>> first + j) << 31);
                }
            }
        }
    }

    @Override
    public final boolean canEncode() {
        return true;
    }

    private CodebookEncoder encoder() {
        // Of three magnitudes the largest is used less often than of eight.
        float[] tries = codebook().columns() == 8
                ? new float[] {0.7f, 0.8f, 0.9f, 1}
                : new float[] {0.85f, 0.92f, 0.99f, 1.06f};
        return new CodebookEncoder(
                new Shape(codebook(), unit, 0, packing.scaleColumns(), packing.scaleColumns(), 16, tries, false));
    }

    @Override
    protected final void encodeRow(float[] x, int xo, float[] importance, MemorySegment s, long o, int columns) {
        CodebookEncoder encoder = encoders.get();
        for (int c = 0; c < columns; c += 256) {
            encoder.take(x, xo + c, importance, c, spread);
            encodeBlock(encoder, s, o);
            o += type().blockBytes();
        }
    }

    private void encodeBlock(CodebookEncoder encoder, MemorySegment s, long o) {
        int[] signs = new int[32];
        for (int g = 0; g < 32; g++) {
            signs[g] = takeSigns(encoder, 8 * g);
        }
        encoder.encode();
        s.asSlice(o, type().blockBytes()).fill((byte) 0);
        if (encoder.d == 0) {
            return;
        }
        Block.putF16(s, o, encoder.d);
        for (int i = 0; i < encoder.points.length; i++) {
            putPoint(s, o, i, encoder.points[i]);
        }
        for (int g = 0; g < 32; g++) {
            putSigns(s, o, g, signs[g]);
        }
        for (int g = 0; g < encoder.scales.length; g++) {
            putScale(s, o, g, encoder.scales[g]);
        }
    }

    /** Makes magnitudes of eight columns; where the number of signs must be even, the cheapest to change keeps its own. */
    private int takeSigns(CodebookEncoder encoder, int from) {
        int signs = 0;
        int cheapest = from;
        float least = Float.MAX_VALUE;
        for (int i = from; i < from + 8; i++) {
            float x = encoder.x[i];
            signs |= x < 0 ? 1 << i - from : 0;
            encoder.x[i] = Math.abs(x);
            if (encoder.w[i] * x * x < least) {
                least = encoder.w[i] * x * x;
                cheapest = i;
            }
        }
        if (even && (Integer.bitCount(signs) & 1) != 0) {
            signs ^= 1 << cheapest - from;
            encoder.x[cheapest] = -encoder.x[cheapest];
        }
        return signs;
    }

    @Override
    public final Packing packing() {
        return packing;
    }

    @Override
    public final void packBlock(MemorySegment s, long o, long end, int[] words) {
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
