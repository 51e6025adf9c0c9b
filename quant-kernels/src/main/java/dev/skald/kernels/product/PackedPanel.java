package dev.skald.kernels.product;

import static jdk.incubator.vector.VectorOperators.AND;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.MAX;
import static jdk.incubator.vector.VectorOperators.OR;
import static jdk.incubator.vector.VectorOperators.ULT;

import dev.skald.kernels.pack.Packing.Kind;
import dev.skald.kernels.pack.Packing.Scaling;
import dev.skald.kernels.pack.Plane;
import dev.skald.kernels.platform.VectorKernels;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.stream.IntStream;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Decodes one group of rows of a packed matrix into a panel of floats, {@code panel[column][width]}, of which the group
 * fills {@link PackedDot#L} columns from {@code po} on.
 *
 * <p>First, the scales are decoded to a factor and an offset for each scale block, {@code ab[block][2][L]}. A weight is
 * then a f + b, where f is either 1 + code / 2^bits, with the code in the mantissa, or the table's value. So a weight
 * takes a shift, a mask, a multiplication and a store. The products of scales are exact in float32, and so is a f.
 *
 * <p>{@code gaps} are the words of scales before a block's codes, that is, {@link Plane#codesAt} computed in place: as
 * in {@link PackedDot}, small calls within the loops would use up C2's budget for inlining.
 */
final class PackedPanel {
    private static final int L = PackedDot.L;
    private static final VectorSpecies<Float> S = VectorKernels.S;
    private static final VectorSpecies<Integer> I = VectorKernels.I;
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final int VECTOR = 4 * L;

    /** The positions of the parts of codes that are spread over several words, by words. */
    private static final int[] PARTS5 = parts(Kind.BIT5);

    private static final int[] PARTS6 = parts(Kind.BIT6);

    private PackedPanel() {}

    private static int[] parts(Kind kind) {
        int last = kind.fields().size() - 1;
        return IntStream.range(0, kind.words())
                .map(word -> kind.atTop(word, last).mask())
                .toArray();
    }

    // A line a column, so that a kernel can be read at a glance. Written by KernelGenerator.
    // spotless:off

    /** Decodes 2-bit codes, 16 a word; {@code order} has the column of each within its block, whose length is a power of two. */
    public static void codes2(Plane plane, long o, int blocks, int[] order, float[] ab, float[] panel, int po, int width) {
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int runShift = plane.runShift();
        int unit = plane.unitShift();
        int scales = plane.scaling().runWords();
        int tops = plane.scaling().unitWords();
        IntVector mask = IntVector.broadcast(I, Masks.CODE2[1]);
        IntVector one = IntVector.broadcast(I, Masks.ONE[0]);
        int block = order.length - 1;
        for (int b = 0; b < blocks; b++) {
            FloatVector scale = FloatVector.fromArray(S, ab, 2 * L * b);
            FloatVector offset = FloatVector.fromArray(S, ab, 2 * L * b + L);
            int gaps = (b + (1 << runShift) - 1 >> runShift) * scales + (b >> unit) * tops;
            for (int j = b * words; j < (b + 1) * words; j++) {
                int c = 16 * j & block;
                int from = po + (16 * j - c) * width;
                IntVector v = IntVector.fromMemorySegment(I, w, o + (long) (j + gaps) * VECTOR, LE);
                v.lanewise(LSHL, 21).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(scale, offset).intoArray(panel, from + order[c] * width);
                v.lanewise(LSHL, 19).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(scale, offset).intoArray(panel, from + order[c + 1] * width);
                v.lanewise(LSHL, 17).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(scale, offset).intoArray(panel, from + order[c + 2] * width);
                v.lanewise(LSHL, 15).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(scale, offset).intoArray(panel, from + order[c + 3] * width);
                v.lanewise(LSHL, 13).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(scale, offset).intoArray(panel, from + order[c + 4] * width);
                v.lanewise(LSHL, 11).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(scale, offset).intoArray(panel, from + order[c + 5] * width);
                v.lanewise(LSHL, 9).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(scale, offset).intoArray(panel, from + order[c + 6] * width);
                v.lanewise(LSHL, 7).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(scale, offset).intoArray(panel, from + order[c + 7] * width);
                v.lanewise(LSHL, 5).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(scale, offset).intoArray(panel, from + order[c + 8] * width);
                v.lanewise(LSHL, 3).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(scale, offset).intoArray(panel, from + order[c + 9] * width);
                v.lanewise(LSHL, 1).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(scale, offset).intoArray(panel, from + order[c + 10] * width);
                v.lanewise(LSHR, 1).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(scale, offset).intoArray(panel, from + order[c + 11] * width);
                v.lanewise(LSHR, 3).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(scale, offset).intoArray(panel, from + order[c + 12] * width);
                v.lanewise(LSHR, 5).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(scale, offset).intoArray(panel, from + order[c + 13] * width);
                v.lanewise(LSHR, 7).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(scale, offset).intoArray(panel, from + order[c + 14] * width);
                v.lanewise(LSHR, 9).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(scale, offset).intoArray(panel, from + order[c + 15] * width);
            }
        }
    }

    /** Decodes 4-bit codes, 8 a word; {@code order} has the column of each within its block, whose length is a power of two. */
    public static void codes4(Plane plane, long o, int blocks, int[] order, float[] ab, float[] panel, int po, int width) {
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int runShift = plane.runShift();
        int unit = plane.unitShift();
        int scales = plane.scaling().runWords();
        int tops = plane.scaling().unitWords();
        IntVector mask = IntVector.broadcast(I, Masks.CODE4[0]);
        IntVector one = IntVector.broadcast(I, Masks.ONE[0]);
        int block = order.length - 1;
        for (int b = 0; b < blocks; b++) {
            FloatVector scale = FloatVector.fromArray(S, ab, 2 * L * b);
            FloatVector offset = FloatVector.fromArray(S, ab, 2 * L * b + L);
            int gaps = (b + (1 << runShift) - 1 >> runShift) * scales + (b >> unit) * tops;
            for (int j = b * words; j < (b + 1) * words; j++) {
                int c = 8 * j & block;
                int from = po + (8 * j - c) * width;
                IntVector v = IntVector.fromMemorySegment(I, w, o + (long) (j + gaps) * VECTOR, LE);
                v.lanewise(LSHL, 19).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(scale, offset).intoArray(panel, from + order[c] * width);
                v.lanewise(LSHL, 15).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(scale, offset).intoArray(panel, from + order[c + 1] * width);
                v.lanewise(LSHL, 11).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(scale, offset).intoArray(panel, from + order[c + 2] * width);
                v.lanewise(LSHL, 7).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(scale, offset).intoArray(panel, from + order[c + 3] * width);
                v.lanewise(LSHL, 3).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(scale, offset).intoArray(panel, from + order[c + 4] * width);
                v.lanewise(LSHR, 1).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(scale, offset).intoArray(panel, from + order[c + 5] * width);
                v.lanewise(LSHR, 5).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(scale, offset).intoArray(panel, from + order[c + 6] * width);
                v.lanewise(LSHR, 9).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(scale, offset).intoArray(panel, from + order[c + 7] * width);
            }
        }
    }

    /** Decodes 8-bit codes, 4 a word; {@code order} has the column of each within its block, whose length is a power of two. */
    public static void codes8(Plane plane, long o, int blocks, int[] order, float[] ab, float[] panel, int po, int width) {
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int runShift = plane.runShift();
        int unit = plane.unitShift();
        int scales = plane.scaling().runWords();
        int tops = plane.scaling().unitWords();
        IntVector mask = IntVector.broadcast(I, Masks.CODE8[0]);
        IntVector one = IntVector.broadcast(I, Masks.ONE[0]);
        int block = order.length - 1;
        for (int b = 0; b < blocks; b++) {
            FloatVector scale = FloatVector.fromArray(S, ab, 2 * L * b);
            FloatVector offset = FloatVector.fromArray(S, ab, 2 * L * b + L);
            int gaps = (b + (1 << runShift) - 1 >> runShift) * scales + (b >> unit) * tops;
            for (int j = b * words; j < (b + 1) * words; j++) {
                int c = 4 * j & block;
                int from = po + (4 * j - c) * width;
                IntVector v = IntVector.fromMemorySegment(I, w, o + (long) (j + gaps) * VECTOR, LE);
                v.lanewise(LSHL, 15).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(scale, offset).intoArray(panel, from + order[c] * width);
                v.lanewise(LSHL, 7).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(scale, offset).intoArray(panel, from + order[c + 1] * width);
                v.lanewise(LSHR, 1).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(scale, offset).intoArray(panel, from + order[c + 2] * width);
                v.lanewise(LSHR, 9).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(scale, offset).intoArray(panel, from + order[c + 3] * width);
            }
        }
    }

    /** Decodes 5-bit codes, 6 a word and two spread over five words. */
    public static void codes5(Plane plane, long o, int blocks, float[] ab, float[] panel, int po, int width) {
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int runShift = plane.runShift();
        int unit = plane.unitShift();
        int scales = plane.scaling().runWords();
        int tops = plane.scaling().unitWords();
        IntVector mask = IntVector.broadcast(I, Masks.CODE5[0]);
        IntVector one = IntVector.broadcast(I, Masks.ONE[0]);
        for (int b = 0; b < blocks; b++) {
            FloatVector scale = FloatVector.fromArray(S, ab, 2 * L * b);
            FloatVector offset = FloatVector.fromArray(S, ab, 2 * L * b + L);
            int gaps = (b + (1 << runShift) - 1 >> runShift) * scales + (b >> unit) * tops;
            for (int t = b * words; t < (b + 1) * words; t += 5) {
                int to = po + t / 5 * 32 * width;
                long at = o + (long) (t + gaps) * VECTOR;
                for (int j = 0; j < 5; j++) {
                    IntVector v = IntVector.fromMemorySegment(I, w, at + (long) j * VECTOR, LE);
                    v.lanewise(LSHL, 18).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(scale, offset).intoArray(panel, to);
                    v.lanewise(LSHL, 13).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(scale, offset).intoArray(panel, to + width);
                    v.lanewise(LSHL, 8).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(scale, offset).intoArray(panel, to + 2 * width);
                    v.lanewise(LSHL, 3).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(scale, offset).intoArray(panel, to + 3 * width);
                    v.lanewise(LSHR, 2).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(scale, offset).intoArray(panel, to + 4 * width);
                    v.lanewise(LSHR, 7).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(scale, offset).intoArray(panel, to + 5 * width);
                    to += 6 * width;
                }
                IntVector v0 = IntVector.fromMemorySegment(I, w, at, LE);
                IntVector v1 = IntVector.fromMemorySegment(I, w, at + VECTOR, LE);
                IntVector v2 = IntVector.fromMemorySegment(I, w, at + 2 * VECTOR, LE);
                IntVector v3 = IntVector.fromMemorySegment(I, w, at + 3 * VECTOR, LE);
                IntVector v4 = IntVector.fromMemorySegment(I, w, at + 4 * VECTOR, LE);
                IntVector q0 = one;
                q0 = v0.lanewise(LSHR, 12).lanewise(AND, PARTS5[0]).lanewise(OR, q0);
                q0 = v1.lanewise(LSHR, 11).lanewise(AND, PARTS5[1]).lanewise(OR, q0);
                q0 = v2.lanewise(LSHR, 10).lanewise(AND, PARTS5[2]).lanewise(OR, q0);
                q0 = v3.lanewise(LSHR, 9).lanewise(AND, PARTS5[3]).lanewise(OR, q0);
                q0 = v4.lanewise(LSHR, 8).lanewise(AND, PARTS5[4]).lanewise(OR, q0);
                q0.reinterpretAsFloats().fma(scale, offset).intoArray(panel, to);
                IntVector q1 = one;
                q1 = v0.lanewise(LSHR, 13).lanewise(AND, PARTS5[0]).lanewise(OR, q1);
                q1 = v1.lanewise(LSHR, 12).lanewise(AND, PARTS5[1]).lanewise(OR, q1);
                q1 = v2.lanewise(LSHR, 11).lanewise(AND, PARTS5[2]).lanewise(OR, q1);
                q1 = v3.lanewise(LSHR, 10).lanewise(AND, PARTS5[3]).lanewise(OR, q1);
                q1 = v4.lanewise(LSHR, 9).lanewise(AND, PARTS5[4]).lanewise(OR, q1);
                q1.reinterpretAsFloats().fma(scale, offset).intoArray(panel, to + width);
            }
        }
    }

    /** Decodes 6-bit codes, 5 a word and one spread over three words. */
    public static void codes6(Plane plane, long o, int blocks, float[] ab, float[] panel, int po, int width) {
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int runShift = plane.runShift();
        int unit = plane.unitShift();
        int scales = plane.scaling().runWords();
        int tops = plane.scaling().unitWords();
        IntVector mask = IntVector.broadcast(I, Masks.CODE6[0]);
        IntVector one = IntVector.broadcast(I, Masks.ONE[0]);
        for (int b = 0; b < blocks; b++) {
            FloatVector scale = FloatVector.fromArray(S, ab, 2 * L * b);
            FloatVector offset = FloatVector.fromArray(S, ab, 2 * L * b + L);
            int gaps = (b + (1 << runShift) - 1 >> runShift) * scales + (b >> unit) * tops;
            for (int t = b * words; t < (b + 1) * words; t += 3) {
                int to = po + t / 3 * 16 * width;
                long at = o + (long) (t + gaps) * VECTOR;
                for (int j = 0; j < 3; j++) {
                    IntVector v = IntVector.fromMemorySegment(I, w, at + (long) j * VECTOR, LE);
                    v.lanewise(LSHL, 17).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(scale, offset).intoArray(panel, to);
                    v.lanewise(LSHL, 11).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(scale, offset).intoArray(panel, to + width);
                    v.lanewise(LSHL, 5).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(scale, offset).intoArray(panel, to + 2 * width);
                    v.lanewise(LSHR, 1).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(scale, offset).intoArray(panel, to + 3 * width);
                    v.lanewise(LSHR, 7).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(scale, offset).intoArray(panel, to + 4 * width);
                    to += 5 * width;
                }
                IntVector v0 = IntVector.fromMemorySegment(I, w, at, LE);
                IntVector v1 = IntVector.fromMemorySegment(I, w, at + VECTOR, LE);
                IntVector v2 = IntVector.fromMemorySegment(I, w, at + 2 * VECTOR, LE);
                IntVector q = one;
                q = v0.lanewise(LSHR, 13).lanewise(AND, PARTS6[0]).lanewise(OR, q);
                q = v1.lanewise(LSHR, 11).lanewise(AND, PARTS6[1]).lanewise(OR, q);
                q = v2.lanewise(LSHR, 9).lanewise(AND, PARTS6[2]).lanewise(OR, q);
                q.reinterpretAsFloats().fma(scale, offset).intoArray(panel, to);
            }
        }
    }

    /** Decodes 4-bit codes, 8 a word, by a table. */
    public static void table4(Plane plane, long o, int blocks, int[] order, int[] table, float[] ab, float[] panel, int po, int width) {
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int runShift = plane.runShift();
        int unit = plane.unitShift();
        int scales = plane.scaling().runWords();
        int tops = plane.scaling().unitWords();
        IntVector low = IntVector.broadcast(I, 15);
        int block = order.length - 1;
        for (int b = 0; b < blocks; b++) {
            FloatVector scale = FloatVector.fromArray(S, ab, 2 * L * b);
            FloatVector offset = FloatVector.fromArray(S, ab, 2 * L * b + L);
            int gaps = (b + (1 << runShift) - 1 >> runShift) * scales + (b >> unit) * tops;
            for (int j = b * words; j < (b + 1) * words; j++) {
                int c = 8 * j & block;
                int from = po + (8 * j - c) * width;
                IntVector v = IntVector.fromMemorySegment(I, w, o + (long) (j + gaps) * VECTOR, LE);
                for (int k = 0; k < 8; k++) {
                    look(v.lanewise(AND, low), table).reinterpretAsFloats().fma(scale, offset).intoArray(panel, from + order[c + k] * width);
                    v = v.lanewise(LSHR, 4);
                }
            }
        }
    }
    // spotless:on

    /** Decodes floats. {@code kind} is the format: half precision, float32 or bfloat16. */
    public static void floats(MemorySegment w, long o, int words, int kind, float[] panel, int po, int width) {
        IntVector half = IntVector.broadcast(I, Masks.HALF[0]);
        IntVector upper = IntVector.broadcast(I, 0xFFFF0000);
        for (int j = 0; j < words; j++) {
            IntVector v = IntVector.fromMemorySegment(I, w, o + (long) j * VECTOR, LE);
            if (kind == 32) {
                v.reinterpretAsFloats().intoArray(panel, po + j * width);
                continue;
            }
            int at = po + 2 * j * width;
            if (kind == 16) {
                v.lanewise(LSHL, 16)
                        .lanewise(ASHR, 3)
                        .lanewise(AND, half)
                        .reinterpretAsFloats()
                        .mul(0x1p112f)
                        .intoArray(panel, at);
                v.lanewise(ASHR, 3)
                        .lanewise(AND, half)
                        .reinterpretAsFloats()
                        .mul(0x1p112f)
                        .intoArray(panel, at + width);
            } else {
                v.lanewise(LSHL, 16).reinterpretAsFloats().intoArray(panel, at);
                v.lanewise(AND, upper).reinterpretAsFloats().intoArray(panel, at + width);
            }
        }
    }

    /** Half-precision scales, two a word: a = D factor, b = D offset. */
    public static void scaleF16(Plane plane, long o, int blocks, float factor, float offset, float[] ab) {
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int run = plane.runWords();
        for (int b = 0; b < blocks; b++) {
            IntVector pair = IntVector.fromMemorySegment(I, w, o + (long) ((b >> 1) * run + words) * VECTOR, LE);
            FloatVector d = half(pair.lanewise(LSHL, 16 - 16 * (b & 1)));
            d.mul(factor).intoArray(ab, 2 * L * b);
            d.mul(offset).intoArray(ab, 2 * L * b + L);
        }
    }

    /** As {@link #scaleF16}, with bfloat16. */
    public static void scaleBF16(Plane plane, long o, int blocks, float factor, float offset, float[] ab) {
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int run = plane.runWords();
        for (int b = 0; b < blocks; b++) {
            IntVector pair = IntVector.fromMemorySegment(I, w, o + (long) ((b >> 1) * run + words) * VECTOR, LE);
            FloatVector d = pair.lanewise(LSHL, 16 - 16 * (b & 1))
                    .lanewise(AND, 0xFFFF0000)
                    .reinterpretAsFloats();
            d.mul(factor).intoArray(ab, 2 * L * b);
            d.mul(offset).intoArray(ab, 2 * L * b + L);
        }
    }

    /** Half-precision scales and minima, one of each a word: a = D factor, b = D offset + M. */
    public static void scaleF16Min(Plane plane, long o, int blocks, float factor, float offset, float[] ab) {
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int run = plane.runWords();
        for (int b = 0; b < blocks; b++) {
            IntVector pair = IntVector.fromMemorySegment(I, w, o + (long) (b * run + words) * VECTOR, LE);
            FloatVector d = half(pair.lanewise(LSHL, 16));
            d.mul(factor).intoArray(ab, 2 * L * b);
            d.fma(FloatVector.broadcast(S, offset), half(pair)).intoArray(ab, 2 * L * b + L);
        }
    }

    /** One-byte scales, and minima where {@code min}, under half-precision ones per 256 columns. */
    public static void scaleSuper(
            Plane plane, long o, int supers, int bytes, boolean min, float factor, float offset, float[] ab) {
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int run = plane.runWords();
        int unitWords = plane.unitWords();
        for (int u = 0; u < supers; u++) {
            IntVector pair = IntVector.fromMemorySegment(I, w, o + (long) ((u + 1) * unitWords - 1) * VECTOR, LE);
            FloatVector d = half(pair.lanewise(LSHL, 16)).mul(256f);
            FloatVector dmin = half(pair).mul(-256f);
            for (int b = u * bytes; b < (u + 1) * bytes; b++) {
                long at = o + (long) ((b >> 2) * run + u + words) * VECTOR;
                FloatVector scale = d.mul(byteOf(w, at, b & 3));
                FloatVector minimum = min ? dmin.mul(byteOf(w, at + VECTOR, b & 3)) : FloatVector.zero(S);
                int to = 2 * L * b;
                scale.mul(factor).intoArray(ab, to);
                scale.fma(FloatVector.broadcast(S, offset), minimum).intoArray(ab, to + L);
            }
        }
    }

    /** Returns a bound for |a f + b| in these blocks, for f between two values. */
    public static float bound(float[] ab, int blocks, float low, float high) {
        FloatVector bound = FloatVector.zero(S);
        for (int b = 0; b < blocks; b++) {
            FloatVector scale = FloatVector.fromArray(S, ab, 2 * L * b);
            FloatVector offset = FloatVector.fromArray(S, ab, 2 * L * b + L);
            bound = bound.max(scale.mul(low).add(offset).abs())
                    .max(scale.mul(high).add(offset).abs());
        }
        return bound.reduceLanes(MAX);
    }

    /** Returns the largest magnitude of a group in a panel. */
    public static float largest(float[] panel, int po, int columns, int width) {
        FloatVector largest = FloatVector.zero(S);
        for (int c = 0; c < columns; c++) {
            largest =
                    largest.max(FloatVector.fromArray(S, panel, po + c * width).abs());
        }
        return largest.reduceLanes(MAX);
    }

    /**
     * Returns the scale of a block without a minimum: D, or s if that has a scale itself. A half-precision scale is
     * multiplied by 2^-112, see {@link PackedDot#F16_SCALE}.
     */
    static FloatVector scale(Plane plane, long o, int block) {
        MemorySegment w = plane.data();
        long at = o + (long) plane.scalesAt(block) * VECTOR;
        if (plane.scaling() == Scaling.SUPER) {
            return byteOf(w, at, block & 3);
        }
        IntVector own = IntVector.fromMemorySegment(I, w, at, LE).lanewise(LSHL, 16 - 16 * (block & 1));
        return plane.scaling() == Scaling.BF16
                ? own.lanewise(AND, Masks.UPPER[0]).reinterpretAsFloats()
                : bits(own);
    }

    /** Returns the scale of the scales of a block, times 2^-112. */
    static FloatVector scaleOfScales(Plane plane, long o, int block) {
        long at = o + (long) plane.superAt(block) * VECTOR;
        IntVector top = IntVector.fromMemorySegment(I, plane.data(), at, LE);
        return bits(top.lanewise(LSHL, 16)).mul(256f);
    }

    /** Returns (byte - 128) / 256, for one byte of each lane. */
    private static FloatVector byteOf(MemorySegment w, long at, int index) {
        return IntVector.fromMemorySegment(I, w, at, LE)
                .lanewise(LSHR, 8 * index)
                .lanewise(LSHL, 15)
                .lanewise(AND, Masks.CODE8[0])
                .lanewise(OR, Masks.ONE[0])
                .reinterpretAsFloats()
                .sub(1.5f);
    }

    /** Returns the half-precision float in the upper half of each lane. */
    private static FloatVector half(IntVector v) {
        return bits(v).mul(0x1p112f);
    }

    /** Returns the half-precision float in the upper half of each lane, times 2^-112. */
    private static FloatVector bits(IntVector v) {
        return v.lanewise(ASHR, 3).lanewise(AND, Masks.HALF[0]).reinterpretAsFloats();
    }

    /**
     * Returns table values at indices 0 to 15: by one permutation if a vector holds the whole table, otherwise by one
     * for each part.
     */
    static IntVector look(IntVector index, int[] table) {
        if (L >= 16) {
            return index.selectFrom(IntVector.fromArray(I, table, 0));
        }
        IntVector out = IntVector.zero(I);
        for (int part = 0; part < 16; part += L) {
            IntVector within = index.sub(part);
            IntVector found = within.lanewise(AND, L - 1).selectFrom(IntVector.fromArray(I, table, part));
            out = out.blend(found, within.compare(ULT, L));
        }
        return out;
    }
}
