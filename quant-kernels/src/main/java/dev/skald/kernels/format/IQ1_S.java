package dev.skald.kernels.format;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.pack.Packing;
import dev.skald.kernels.pack.Packing.Kind;
import dev.skald.kernels.pack.Packing.Scaling;
import java.lang.foreign.MemorySegment;

/**
 * y = d (2 s + 1) (v + delta), v from -1 to 1 and delta 1/8 or -1/8. Lower eight bits of points; then per 32 columns 16
 * bits: three upper ones for each of four points, s, and whether delta is negative.
 */
final class IQ1_S extends QuantFormat {
    static final float DELTA = 0.125f;

    /** With D negative where delta is, all weights are D (q - 7/8). */
    private static final Packing PACKING =
            new Packing(256, Kind.BIT2, Packing.natural(256), null, 1 - DELTA, Scaling.SUPER, 32);

    /** One per thread that encodes. */
    private final ThreadLocal<CodebookEncoder> encoders = ThreadLocal.withInitial(() -> encoder(32, 32));

    /** The one format of this type. */
    public IQ1_S() {
        super(GgmlType.IQ1_S);
    }

    @Override
    protected void decodeBlock(MemorySegment s, long o, float[] y, int yo) {
        float d = Block.f16(s, o);
        for (int i = 0; i < 32; i++) {
            int high = Block.u16(s, o + 34 + 2 * (i >>> 2));
            float scale = d * (2 * (high >>> 12 & 7) + 1);
            float delta = high >>> 15 == 0 ? DELTA : -DELTA;
            int point = point(s, o, i);
            for (int j = 0; j < 8; j++) {
                y[yo + 8 * i + j] = scale * (Codebook.IQ1.value(point, j) + delta);
            }
        }
    }

    /** The point of the i-th eight columns. */
    private static int point(MemorySegment s, long o, int i) {
        int high = Block.u16(s, o + 34 + 2 * (i >>> 2)) >>> 3 * (i & 3) & 7;
        return Block.u8(s, o + 2 + i) | high << 8;
    }

    @Override
    public boolean canEncode() {
        return true;
    }

    @Override
    public boolean needsImportance() {
        return true;
    }

    /** An encoder of the values of IQ1_S and IQ1_M. */
    static CodebookEncoder encoder(int deltaColumns, int scaleColumns) {
        float[] tries = {0.4f, 0.49f, 0.58f, 0.67f, 0.76f, 0.85f};
        return new CodebookEncoder(
                new CodebookEncoder.Shape(Codebook.IQ1, 1, DELTA, deltaColumns, scaleColumns, 8, tries, true));
    }

    @Override
    protected void encodeRow(float[] x, int xo, float[] importance, MemorySegment s, long o, int columns) {
        CodebookEncoder encoder = encoders.get();
        for (int c = 0; c < columns; c += 256) {
            encoder.take(x, xo + c, importance, c, 2);
            encoder.encode();
            write(encoder, s, o);
            o += type().blockBytes();
        }
    }

    private static void write(CodebookEncoder encoder, MemorySegment s, long o) {
        Block.putF16(s, o, encoder.d);
        for (int i = 0; i < 32; i++) {
            Block.putI8(s, o + 2 + i, encoder.points[i]);
        }
        for (int g = 0; g < 8; g++) {
            int high = encoder.scales[g] << 12 | (encoder.negative[4 * g] ? 1 << 15 : 0);
            for (int k = 0; k < 4; k++) {
                high |= encoder.points[4 * g + k] >>> 8 << 3 * k;
            }
            Block.putI16(s, o + 34 + 2 * g, high);
        }
    }

    @Override
    public Packing packing() {
        return PACKING;
    }

    @Override
    public void packBlock(MemorySegment s, long o, long end, int[] words) {
        words[16] = Block.u16(s, o);
        for (int g = 0; g < 8; g++) {
            int high = Block.u16(s, o + 34 + 2 * g);
            int scale = 2 * (high >>> 12 & 7) + 1;
            boolean negative = high >>> 15 != 0;
            for (int i = 2 * g; i < 2 * g + 2; i++) {
                int pair = pairs(point(s, o, 2 * i)) | pairs(point(s, o, 2 * i + 1)) << 16;
                // v becomes -v, that is a code q becomes 2 - q.
                words[i] = negative ? 0xAAAAAAAA - pair : pair;
            }
            Pack.putByte(words, 17, g, (negative ? -scale : scale) + 128);
        }
    }

    /** v + 1 of eight columns, two bits each. */
    private static int pairs(int point) {
        return Integer.compress(Codebook.IQ1.nibbles(point), 0x33333333);
    }
}
