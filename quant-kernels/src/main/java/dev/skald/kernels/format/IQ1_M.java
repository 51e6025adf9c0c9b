package dev.skald.kernels.format;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.pack.Packing;
import dev.skald.kernels.pack.Packing.Kind;
import dev.skald.kernels.pack.Packing.Scaling;
import java.lang.foreign.MemorySegment;

/**
 * y = d (2 s + 1) (v + delta) as {@link IQ1_S}, with s per 16 columns and a delta for each eight. Lower eight bits of
 * points; upper three and the sign of delta, four bits each; then per 64 columns 16 bits: four s of three bits, and four
 * bits of d.
 */
final class IQ1_M extends QuantFormat {
    private static final Packing PACKING =
            new Packing(256, Kind.TABLE4, Packing.natural(256), table(), 0, Scaling.SUPER, 16).using(0b1011);

    /** One per thread that encodes. */
    private final ThreadLocal<CodebookEncoder> encoders = ThreadLocal.withInitial(() -> IQ1_S.encoder(8, 16));

    /** The one format of this type. */
    public IQ1_M() {
        super(GgmlType.IQ1_M);
    }

    /** A code is v + 1, and 8 more where delta is negative. */
    private static float[] table() {
        float[] table = new float[16];
        for (int v = -1; v <= 1; v++) {
            table[v + 1] = v + IQ1_S.DELTA;
            table[v + 9] = v - IQ1_S.DELTA;
        }
        return table;
    }

    @Override
    protected void decodeBlock(MemorySegment s, long o, float[] y, int yo) {
        float d = Float.float16ToFloat((short) half(s, o));
        for (int i = 0; i < 32; i++) {
            float scale = d * (2 * scale(s, o, i >>> 1) + 1);
            int high = high(s, o, i);
            float delta = high >>> 3 == 0 ? IQ1_S.DELTA : -IQ1_S.DELTA;
            int point = point(s, o, i);
            for (int j = 0; j < 8; j++) {
                y[yo + 8 * i + j] = scale * (Codebook.IQ1.value(point, j) + delta);
            }
        }
    }

    /** The bits of d: the four on top of each of four words. */
    private static int half(MemorySegment s, long o) {
        int half = 0;
        for (int i = 0; i < 4; i++) {
            half |= Block.u16(s, o + 48 + 2 * i) >>> 12 << 4 * i;
        }
        return half;
    }

    /** Three upper bits of a point, and whether delta is negative, of the i-th eight columns. */
    private static int high(MemorySegment s, long o, int i) {
        return Block.u8(s, o + 32 + (i >>> 1)) >>> 4 * (i & 1) & 0xF;
    }

    private static int point(MemorySegment s, long o, int i) {
        return Block.u8(s, o + i) | (high(s, o, i) & 7) << 8;
    }

    /** The 3-bit scale of the g-th 16 columns. */
    private static int scale(MemorySegment s, long o, int g) {
        return Block.u16(s, o + 48 + 2 * (g >>> 2)) >>> 3 * (g & 3) & 7;
    }

    @Override
    public boolean canEncode() {
        return true;
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
        for (int i = 0; i < 32; i++) {
            Block.putI8(s, o + i, encoder.points[i]);
        }
        for (int i = 0; i < 32; i += 2) {
            int low = encoder.points[i] >>> 8 | (encoder.negative[i] ? 8 : 0);
            int high = encoder.points[i + 1] >>> 8 | (encoder.negative[i + 1] ? 8 : 0);
            Block.putI8(s, o + 32 + (i >>> 1), low | high << 4);
        }
        // Through the check that it is not too large; what follows writes over it.
        Block.putF16(s, o + 48, encoder.d);
        int half = Block.u16(s, o + 48);
        for (int g = 0; g < 4; g++) {
            int word = (half >>> 4 * g & 0xF) << 12;
            for (int k = 0; k < 4; k++) {
                word |= encoder.scales[4 * g + k] << 3 * k;
            }
            Block.putI16(s, o + 48 + 2 * g, word);
        }
    }

    @Override
    public Packing packing() {
        return PACKING;
    }

    @Override
    public void packBlock(MemorySegment s, long o, long end, int[] words) {
        for (int i = 0; i < 32; i++) {
            words[i] = Codebook.IQ1.nibbles(point(s, o, i)) | (high(s, o, i) >>> 3) * 0x88888888;
        }
        words[32] = half(s, o);
        for (int g = 0; g < 16; g++) {
            Pack.putByte(words, 33, g, 2 * scale(s, o, g) + 1 + 128);
        }
    }
}
