package dev.skald.kernels.simd;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Decodes one group of rows of a packed matrix into a panel of floats, {@code panel[column][width]}, of which the group
 * fills {@link PackedDot#L} columns from {@code po} on. Codes come first, a plane after the other, then the scales.
 */
public final class PackedPanel {
    private static final int L = PackedDot.L;
    private static final VectorSpecies<Float> S = VectorKernels.S;
    private static final VectorSpecies<Integer> I = VectorKernels.I;
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final int VECTOR = 4 * L;
    private static final int ONE = 0x3F800000;
    private static final int HALF_MASK = 0x8FFFE000;

    private PackedPanel() {}

    /**
     * Adds factor x code + constant, or begins with it: a code in the top {@code bits} of the mantissa is 1 + q / 2^bits,
     * so that q factor = (that - 1) 2^bits factor.
     *
     * @param order column of each code within its block, whose length is a power of two
     */
    public static void codes(
            MemorySegment w,
            long o,
            int words,
            int bits,
            int[] order,
            float factor,
            float constant,
            boolean first,
            float[] panel,
            int po,
            int width) {
        if (first && bits == 4) {
            begin4(w, o, words, order, factor, constant, panel, po, width);
        } else if (first && bits == 8) {
            begin8(w, o, words, order, factor, constant, panel, po, width);
        } else if (first) {
            begin(w, o, words, bits, order, factor, constant, panel, po, width);
        } else {
            add(w, o, words, bits, order, factor, constant, panel, po, width);
        }
    }

    /** Begins with 4-bit codes. */
    private static void begin4(
            MemorySegment w,
            long o,
            int words,
            int[] order,
            float factor,
            float constant,
            float[] panel,
            int po,
            int width) {
        IntVector mask = IntVector.broadcast(I, 0x780000);
        IntVector one = IntVector.broadcast(I, ONE);
        FloatVector scale = FloatVector.broadcast(S, factor * 16);
        FloatVector offset = FloatVector.broadcast(S, constant - factor * 16);
        int blockMask = order.length - 1;
        for (int j = 0; j < words; j++) {
            IntVector v = IntVector.fromMemorySegment(I, w, o + (long) j * VECTOR, LE);
            int c = 8 * j;
            int base = po + (c & ~blockMask) * width;
            c &= blockMask;
            int at = base + order[c] * width;
            v.lanewise(VectorOperators.LSHL, 19)
                    .lanewise(VectorOperators.AND, mask)
                    .lanewise(VectorOperators.OR, one)
                    .reinterpretAsFloats()
                    .fma(scale, offset)
                    .intoArray(panel, at);
            at = base + order[c + 1] * width;
            v.lanewise(VectorOperators.LSHL, 15)
                    .lanewise(VectorOperators.AND, mask)
                    .lanewise(VectorOperators.OR, one)
                    .reinterpretAsFloats()
                    .fma(scale, offset)
                    .intoArray(panel, at);
            at = base + order[c + 2] * width;
            v.lanewise(VectorOperators.LSHL, 11)
                    .lanewise(VectorOperators.AND, mask)
                    .lanewise(VectorOperators.OR, one)
                    .reinterpretAsFloats()
                    .fma(scale, offset)
                    .intoArray(panel, at);
            at = base + order[c + 3] * width;
            v.lanewise(VectorOperators.LSHL, 7)
                    .lanewise(VectorOperators.AND, mask)
                    .lanewise(VectorOperators.OR, one)
                    .reinterpretAsFloats()
                    .fma(scale, offset)
                    .intoArray(panel, at);
            at = base + order[c + 4] * width;
            v.lanewise(VectorOperators.LSHL, 3)
                    .lanewise(VectorOperators.AND, mask)
                    .lanewise(VectorOperators.OR, one)
                    .reinterpretAsFloats()
                    .fma(scale, offset)
                    .intoArray(panel, at);
            at = base + order[c + 5] * width;
            v.lanewise(VectorOperators.LSHR, 1)
                    .lanewise(VectorOperators.AND, mask)
                    .lanewise(VectorOperators.OR, one)
                    .reinterpretAsFloats()
                    .fma(scale, offset)
                    .intoArray(panel, at);
            at = base + order[c + 6] * width;
            v.lanewise(VectorOperators.LSHR, 5)
                    .lanewise(VectorOperators.AND, mask)
                    .lanewise(VectorOperators.OR, one)
                    .reinterpretAsFloats()
                    .fma(scale, offset)
                    .intoArray(panel, at);
            at = base + order[c + 7] * width;
            v.lanewise(VectorOperators.LSHR, 9)
                    .lanewise(VectorOperators.AND, mask)
                    .lanewise(VectorOperators.OR, one)
                    .reinterpretAsFloats()
                    .fma(scale, offset)
                    .intoArray(panel, at);
        }
    }

    /** Begins with 8-bit codes. */
    private static void begin8(
            MemorySegment w,
            long o,
            int words,
            int[] order,
            float factor,
            float constant,
            float[] panel,
            int po,
            int width) {
        IntVector mask = IntVector.broadcast(I, 0x7F8000);
        IntVector one = IntVector.broadcast(I, ONE);
        FloatVector scale = FloatVector.broadcast(S, factor * 256);
        FloatVector offset = FloatVector.broadcast(S, constant - factor * 256);
        int blockMask = order.length - 1;
        for (int j = 0; j < words; j++) {
            IntVector v = IntVector.fromMemorySegment(I, w, o + (long) j * VECTOR, LE);
            int c = 4 * j;
            int base = po + (c & ~blockMask) * width;
            c &= blockMask;
            int at = base + order[c] * width;
            v.lanewise(VectorOperators.LSHL, 15)
                    .lanewise(VectorOperators.AND, mask)
                    .lanewise(VectorOperators.OR, one)
                    .reinterpretAsFloats()
                    .fma(scale, offset)
                    .intoArray(panel, at);
            at = base + order[c + 1] * width;
            v.lanewise(VectorOperators.LSHL, 7)
                    .lanewise(VectorOperators.AND, mask)
                    .lanewise(VectorOperators.OR, one)
                    .reinterpretAsFloats()
                    .fma(scale, offset)
                    .intoArray(panel, at);
            at = base + order[c + 2] * width;
            v.lanewise(VectorOperators.LSHR, 1)
                    .lanewise(VectorOperators.AND, mask)
                    .lanewise(VectorOperators.OR, one)
                    .reinterpretAsFloats()
                    .fma(scale, offset)
                    .intoArray(panel, at);
            at = base + order[c + 3] * width;
            v.lanewise(VectorOperators.LSHR, 9)
                    .lanewise(VectorOperators.AND, mask)
                    .lanewise(VectorOperators.OR, one)
                    .reinterpretAsFloats()
                    .fma(scale, offset)
                    .intoArray(panel, at);
        }
    }

    /** Begins with codes of any width. */
    private static void begin(
            MemorySegment w,
            long o,
            int words,
            int bits,
            int[] order,
            float factor,
            float constant,
            float[] panel,
            int po,
            int width) {
        IntVector mask = IntVector.broadcast(I, ((1 << bits) - 1) << (23 - bits));
        IntVector one = IntVector.broadcast(I, ONE);
        FloatVector scale = FloatVector.broadcast(S, factor * (1 << bits));
        FloatVector offset = FloatVector.broadcast(S, constant - factor * (1 << bits));
        int perWord = 32 / bits;
        int blockMask = order.length - 1;
        for (int j = 0; j < words; j++) {
            for (int i = 0; i < perWord; i++) {
                int code = j * perWord + i;
                int at = po + ((code & ~blockMask) + order[code & blockMask]) * width;
                IntVector.fromMemorySegment(I, w, o + (long) j * VECTOR, LE)
                        .lanewise(VectorOperators.LSHR, bits * i)
                        .lanewise(VectorOperators.LSHL, 23 - bits)
                        .lanewise(VectorOperators.AND, mask)
                        .lanewise(VectorOperators.OR, one)
                        .reinterpretAsFloats()
                        .fma(scale, offset)
                        .intoArray(panel, at);
            }
        }
    }

    /** Adds codes of any width. */
    private static void add(
            MemorySegment w,
            long o,
            int words,
            int bits,
            int[] order,
            float factor,
            float constant,
            float[] panel,
            int po,
            int width) {
        IntVector mask = IntVector.broadcast(I, ((1 << bits) - 1) << (23 - bits));
        IntVector one = IntVector.broadcast(I, ONE);
        FloatVector scale = FloatVector.broadcast(S, factor * (1 << bits));
        FloatVector offset = FloatVector.broadcast(S, constant - factor * (1 << bits));
        int perWord = 32 / bits;
        int blockMask = order.length - 1;
        for (int j = 0; j < words; j++) {
            for (int i = 0; i < perWord; i++) {
                int code = j * perWord + i;
                int at = po + ((code & ~blockMask) + order[code & blockMask]) * width;
                IntVector.fromMemorySegment(I, w, o + (long) j * VECTOR, LE)
                        .lanewise(VectorOperators.LSHR, bits * i)
                        .lanewise(VectorOperators.LSHL, 23 - bits)
                        .lanewise(VectorOperators.AND, mask)
                        .lanewise(VectorOperators.OR, one)
                        .reinterpretAsFloats()
                        .fma(scale, offset)
                        .add(FloatVector.fromArray(S, panel, at))
                        .intoArray(panel, at);
            }
        }
    }

    /** Begins with the table's values of 4-bit codes. */
    public static void table4(
            MemorySegment w, long o, int words, int[] order, int[] table, float[] panel, int po, int width) {
        IntVector low = IntVector.broadcast(I, 15);
        int blockMask = order.length - 1;
        for (int j = 0; j < words; j++) {
            IntVector v = IntVector.fromMemorySegment(I, w, o + (long) j * VECTOR, LE);
            for (int i = 0; i < 8; i++) {
                int code = j * 8 + i;
                int at = po + ((code & ~blockMask) + order[code & blockMask]) * width;
                look(v.lanewise(VectorOperators.AND, low), table)
                        .reinterpretAsFloats()
                        .intoArray(panel, at);
                v = v.lanewise(VectorOperators.LSHR, 4);
            }
        }
    }

    /** Begins with floats of 16 or 32 bits. */
    public static void floats(MemorySegment w, long o, int words, int kind, float[] panel, int po, int width) {
        IntVector halfMask = IntVector.broadcast(I, HALF_MASK);
        IntVector upper = IntVector.broadcast(I, 0xFFFF0000);
        for (int j = 0; j < words; j++) {
            IntVector v = IntVector.fromMemorySegment(I, w, o + (long) j * VECTOR, LE);
            if (kind == 32) {
                v.reinterpretAsFloats().intoArray(panel, po + j * width);
                continue;
            }
            int at = po + 2 * j * width;
            IntVector low = v.lanewise(VectorOperators.LSHL, 16);
            IntVector high = v.lanewise(VectorOperators.AND, upper);
            if (kind == 16) {
                low.lanewise(VectorOperators.ASHR, 3)
                        .lanewise(VectorOperators.AND, halfMask)
                        .reinterpretAsFloats()
                        .mul(0x1p112f)
                        .intoArray(panel, at);
                high.lanewise(VectorOperators.ASHR, 3)
                        .lanewise(VectorOperators.AND, halfMask)
                        .reinterpretAsFloats()
                        .mul(0x1p112f)
                        .intoArray(panel, at + width);
            } else {
                low.reinterpretAsFloats().intoArray(panel, at);
                high.reinterpretAsFloats().intoArray(panel, at + width);
            }
        }
    }

    /** Half-precision scales, two a word, each for 32 columns. */
    public static void scaleF16(MemorySegment w, long o, int blocks, float[] panel, int po, int width) {
        for (int b = 0; b < blocks; b++) {
            IntVector pair = IntVector.fromMemorySegment(I, w, o + (long) (b >> 1) * VECTOR, LE);
            FloatVector d = half((b & 1) == 0 ? pair.lanewise(VectorOperators.LSHL, 16) : pair);
            int at = po + b * 32 * width;
            for (int c = 0; c < 32; c++) {
                FloatVector.fromArray(S, panel, at).mul(d).intoArray(panel, at);
                at += width;
            }
        }
    }

    /** Half-precision scales and minima, one of each a word, for 32 columns. */
    public static void scaleF16Min(MemorySegment w, long o, int blocks, float[] panel, int po, int width) {
        for (int b = 0; b < blocks; b++) {
            IntVector pair = IntVector.fromMemorySegment(I, w, o + (long) b * VECTOR, LE);
            FloatVector d = half(pair.lanewise(VectorOperators.LSHL, 16));
            FloatVector m = half(pair);
            int at = po + b * 32 * width;
            for (int c = 0; c < 32; c++) {
                FloatVector.fromArray(S, panel, at).fma(d, m).intoArray(panel, at);
                at += width;
            }
        }
    }

    /** One-byte scales, and minima where {@code min}, under half-precision ones per 256 columns. */
    public static void scaleSuper(
            MemorySegment w, long o, int supers, int bytes, boolean min, int words, float[] panel, int po, int width) {
        int columns = 256 / bytes;
        for (int u = 0; u < supers; u++) {
            long at = o + (long) u * words * VECTOR;
            IntVector pair = IntVector.fromMemorySegment(I, w, at, LE);
            FloatVector d = half(pair.lanewise(VectorOperators.LSHL, 16)).mul(256f);
            FloatVector dmin = half(pair).mul(-256f);
            for (int j = 0; j < bytes; j++) {
                FloatVector scale = d.mul(byteOf(w, at, 1 + (j >> 2), j & 3));
                FloatVector minimum =
                        min ? dmin.mul(byteOf(w, at, 1 + (bytes >> 2) + (j >> 2), j & 3)) : FloatVector.zero(S);
                int p = po + (u * 256 + j * columns) * width;
                for (int c = 0; c < columns; c++) {
                    FloatVector.fromArray(S, panel, p).fma(scale, minimum).intoArray(panel, p);
                    p += width;
                }
            }
        }
    }

    /** (byte - 128) / 256, of one byte of each lane. */
    private static FloatVector byteOf(MemorySegment w, long at, int word, int index) {
        return IntVector.fromMemorySegment(I, w, at + (long) word * VECTOR, LE)
                .lanewise(VectorOperators.LSHR, 8 * index)
                .lanewise(VectorOperators.LSHL, 15)
                .lanewise(VectorOperators.AND, IntVector.broadcast(I, 0x7F8000))
                .lanewise(VectorOperators.OR, IntVector.broadcast(I, ONE))
                .reinterpretAsFloats()
                .sub(1.5f);
    }

    /** The half-precision float in the upper half of each lane. */
    private static FloatVector half(IntVector v) {
        return v.lanewise(VectorOperators.ASHR, 3)
                .lanewise(VectorOperators.AND, IntVector.broadcast(I, HALF_MASK))
                .reinterpretAsFloats()
                .mul(0x1p112f);
    }

    /** Table values at indices 0 to 15: one permutation where a vector holds them all, else one for each part. */
    static IntVector look(IntVector index, int[] table) {
        if (L >= 16) {
            return index.selectFrom(IntVector.fromArray(I, table, 0));
        }
        IntVector out = IntVector.zero(I);
        for (int part = 0; part < 16; part += L) {
            IntVector within = index.sub(part);
            IntVector found =
                    within.lanewise(VectorOperators.AND, L - 1).selectFrom(IntVector.fromArray(I, table, part));
            out = out.blend(found, within.compare(VectorOperators.ULT, L));
        }
        return out;
    }
}
