package dev.skald.kernels.simd;

import static jdk.incubator.vector.VectorOperators.AND;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.OR;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Multiplies the sums of {@link PackedDot} by the scales of packed matrices: a kernel for each
 * {@link dev.skald.kernels.Packing.Scaling}. Four groups of one token are worked on side by side, or one group of four
 * tokens: {@code o} has the place of the scales of each, and {@code x} the sums of activations as [block][4].
 */
public final class PackedScales {
    private static final int L = PackedDot.L;
    private static final VectorSpecies<Float> S = VectorKernels.S;
    private static final VectorSpecies<Integer> I = VectorKernels.I;
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final int VECTOR = 4 * L;

    private PackedScales() {}

    // A line a product, so that a kernel can be read at a glance.
    // spotless:off

    /** Moves the sums of a group, times a factor; what is left is zero. */
    public static void take(float[] sums, int from, float factor, float[] y, int yo) {
        FloatVector.fromArray(S, sums, from).mul(factor).intoArray(y, yo);
        FloatVector.zero(S).intoArray(sums, from);
    }

    /** y[s] += acc[b][s]: plain floats. */
    public static void addUp(int blocks, float[] acc, float[] y) {
        FloatVector y0 = FloatVector.fromArray(S, y, 0);
        FloatVector y1 = FloatVector.fromArray(S, y, L);
        FloatVector y2 = FloatVector.fromArray(S, y, 2 * L);
        FloatVector y3 = FloatVector.fromArray(S, y, 3 * L);
        for (int b = 0; b < blocks; b++) {
            int a = b * 4 * L;
            y0 = y0.add(FloatVector.fromArray(S, acc, a));
            y1 = y1.add(FloatVector.fromArray(S, acc, a + L));
            y2 = y2.add(FloatVector.fromArray(S, acc, a + 2 * L));
            y3 = y3.add(FloatVector.fromArray(S, acc, a + 3 * L));
        }
        y0.intoArray(y, 0);
        y1.intoArray(y, L);
        y2.intoArray(y, 2 * L);
        y3.intoArray(y, 3 * L);
    }

    /** y[s] += D[b] acc[b][s]: two half-precision scales a word; a block that has no partner has a zero there. */
    public static void scaleF16(Plane plane, long[] o, int blocks, float[] acc, float[] y) {
        MemorySegment w = plane.data();
        long o0 = o[0];
        long o1 = o[1];
        long o2 = o[2];
        long o3 = o[3];
        IntVector half = IntVector.broadcast(I, Masks.HALF[0]);
        FloatVector y0 = FloatVector.fromArray(S, y, 0);
        FloatVector y1 = FloatVector.fromArray(S, y, L);
        FloatVector y2 = FloatVector.fromArray(S, y, 2 * L);
        FloatVector y3 = FloatVector.fromArray(S, y, 3 * L);
        for (int b = 0; b < blocks; b += 2) {
            long at = (long) plane.pairAt(b) * VECTOR;
            int a = b * 4 * L;
            IntVector w0 = IntVector.fromMemorySegment(I, w, o0 + at, LE);
            IntVector w1 = IntVector.fromMemorySegment(I, w, o1 + at, LE);
            IntVector w2 = IntVector.fromMemorySegment(I, w, o2 + at, LE);
            IntVector w3 = IntVector.fromMemorySegment(I, w, o3 + at, LE);
            y0 = w0.lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().fma(FloatVector.fromArray(S, acc, a), y0);
            y1 = w1.lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().fma(FloatVector.fromArray(S, acc, a + L), y1);
            y2 = w2.lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().fma(FloatVector.fromArray(S, acc, a + 2 * L), y2);
            y3 = w3.lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().fma(FloatVector.fromArray(S, acc, a + 3 * L), y3);
            y0 = w0.lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().fma(FloatVector.fromArray(S, acc, a + 4 * L), y0);
            y1 = w1.lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().fma(FloatVector.fromArray(S, acc, a + 5 * L), y1);
            y2 = w2.lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().fma(FloatVector.fromArray(S, acc, a + 6 * L), y2);
            y3 = w3.lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().fma(FloatVector.fromArray(S, acc, a + 7 * L), y3);
        }
        y0.intoArray(y, 0);
        y1.intoArray(y, L);
        y2.intoArray(y, 2 * L);
        y3.intoArray(y, 3 * L);
    }

    /** y[s] += D[b] acc[b][s]: as {@link #scaleF16}, with bfloat16. */
    public static void scaleBF16(Plane plane, long[] o, int blocks, float[] acc, float[] y) {
        MemorySegment w = plane.data();
        long o0 = o[0];
        long o1 = o[1];
        long o2 = o[2];
        long o3 = o[3];
        IntVector upper = IntVector.broadcast(I, Masks.UPPER[0]);
        FloatVector y0 = FloatVector.fromArray(S, y, 0);
        FloatVector y1 = FloatVector.fromArray(S, y, L);
        FloatVector y2 = FloatVector.fromArray(S, y, 2 * L);
        FloatVector y3 = FloatVector.fromArray(S, y, 3 * L);
        for (int b = 0; b < blocks; b += 2) {
            long at = (long) plane.pairAt(b) * VECTOR;
            int a = b * 4 * L;
            IntVector w0 = IntVector.fromMemorySegment(I, w, o0 + at, LE);
            IntVector w1 = IntVector.fromMemorySegment(I, w, o1 + at, LE);
            IntVector w2 = IntVector.fromMemorySegment(I, w, o2 + at, LE);
            IntVector w3 = IntVector.fromMemorySegment(I, w, o3 + at, LE);
            y0 = w0.lanewise(LSHL, 16).reinterpretAsFloats().fma(FloatVector.fromArray(S, acc, a), y0);
            y1 = w1.lanewise(LSHL, 16).reinterpretAsFloats().fma(FloatVector.fromArray(S, acc, a + L), y1);
            y2 = w2.lanewise(LSHL, 16).reinterpretAsFloats().fma(FloatVector.fromArray(S, acc, a + 2 * L), y2);
            y3 = w3.lanewise(LSHL, 16).reinterpretAsFloats().fma(FloatVector.fromArray(S, acc, a + 3 * L), y3);
            y0 = w0.lanewise(AND, upper).reinterpretAsFloats().fma(FloatVector.fromArray(S, acc, a + 4 * L), y0);
            y1 = w1.lanewise(AND, upper).reinterpretAsFloats().fma(FloatVector.fromArray(S, acc, a + 5 * L), y1);
            y2 = w2.lanewise(AND, upper).reinterpretAsFloats().fma(FloatVector.fromArray(S, acc, a + 6 * L), y2);
            y3 = w3.lanewise(AND, upper).reinterpretAsFloats().fma(FloatVector.fromArray(S, acc, a + 7 * L), y3);
        }
        y0.intoArray(y, 0);
        y1.intoArray(y, L);
        y2.intoArray(y, 2 * L);
        y3.intoArray(y, 3 * L);
    }

    /** y[s] += D[b] acc[b][s] + M[b] x[b]: a half-precision scale and minimum a word; x[b] is the sum of activations. */
    public static void scaleF16Min(Plane plane, long[] o, int blocks, float[] acc, float[] x, int xo, float[] y) {
        MemorySegment w = plane.data();
        int unitWords = plane.unitWords();
        long o0 = o[0];
        long o1 = o[1];
        long o2 = o[2];
        long o3 = o[3];
        IntVector half = IntVector.broadcast(I, Masks.HALF[0]);
        FloatVector y0 = FloatVector.fromArray(S, y, 0);
        FloatVector y1 = FloatVector.fromArray(S, y, L);
        FloatVector y2 = FloatVector.fromArray(S, y, 2 * L);
        FloatVector y3 = FloatVector.fromArray(S, y, 3 * L);
        for (int b = 0; b < blocks; b++) {
            long at = (long) b * unitWords * VECTOR;
            int a = b * 4 * L;
            int c = 4 * (xo + b);
            IntVector w0 = IntVector.fromMemorySegment(I, w, o0 + at, LE);
            IntVector w1 = IntVector.fromMemorySegment(I, w, o1 + at, LE);
            IntVector w2 = IntVector.fromMemorySegment(I, w, o2 + at, LE);
            IntVector w3 = IntVector.fromMemorySegment(I, w, o3 + at, LE);
            y0 = w0.lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().fma(FloatVector.fromArray(S, acc, a), y0);
            y1 = w1.lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().fma(FloatVector.fromArray(S, acc, a + L), y1);
            y2 = w2.lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().fma(FloatVector.fromArray(S, acc, a + 2 * L), y2);
            y3 = w3.lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().fma(FloatVector.fromArray(S, acc, a + 3 * L), y3);
            y0 = w0.lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().fma(FloatVector.broadcast(S, x[c]), y0);
            y1 = w1.lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().fma(FloatVector.broadcast(S, x[c + 1]), y1);
            y2 = w2.lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().fma(FloatVector.broadcast(S, x[c + 2]), y2);
            y3 = w3.lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().fma(FloatVector.broadcast(S, x[c + 3]), y3);
        }
        y0.intoArray(y, 0);
        y1.intoArray(y, L);
        y2.intoArray(y, 2 * L);
        y3.intoArray(y, 3 * L);
    }

    /**
     * y[s] += d sum of (s[b] - 128) acc[b][s]: per 256 columns, {@code bytes} scales of a byte. A byte in the mantissa is
     * 1 + s / 256; 1.5 less and 256 times that is s - 128, without error.
     */
    public static void scaleSuper(Plane plane, long[] o, int supers, int bytes, float[] acc, float[] y) {
        MemorySegment w = plane.data();
        int unitWords = plane.unitWords();
        long o0 = o[0];
        long o1 = o[1];
        long o2 = o[2];
        long o3 = o[3];
        IntVector all = IntVector.broadcast(I, Masks.CODE8[0]);
        IntVector one = IntVector.broadcast(I, Masks.ONE[0]);
        IntVector half = IntVector.broadcast(I, Masks.HALF[0]);
        FloatVector middle = FloatVector.broadcast(S, 1.5f);
        FloatVector y0 = FloatVector.fromArray(S, y, 0);
        FloatVector y1 = FloatVector.fromArray(S, y, L);
        FloatVector y2 = FloatVector.fromArray(S, y, 2 * L);
        FloatVector y3 = FloatVector.fromArray(S, y, 3 * L);
        for (int u = 0; u < supers; u++) {
            long top = (long) u * unitWords * VECTOR;
            FloatVector i0 = FloatVector.zero(S);
            FloatVector i1 = FloatVector.zero(S);
            FloatVector i2 = FloatVector.zero(S);
            FloatVector i3 = FloatVector.zero(S);
            for (int j = 0; j < bytes; j += 4) {
                long at = top + (long) (1 + (j >> 2)) * VECTOR;
                int a = (u * bytes + j) * 4 * L;
                IntVector w0 = IntVector.fromMemorySegment(I, w, o0 + at, LE);
                IntVector w1 = IntVector.fromMemorySegment(I, w, o1 + at, LE);
                IntVector w2 = IntVector.fromMemorySegment(I, w, o2 + at, LE);
                IntVector w3 = IntVector.fromMemorySegment(I, w, o3 + at, LE);
                i0 = w0.lanewise(LSHL, 15).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle).fma(FloatVector.fromArray(S, acc, a), i0);
                i1 = w1.lanewise(LSHL, 15).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle).fma(FloatVector.fromArray(S, acc, a + L), i1);
                i2 = w2.lanewise(LSHL, 15).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle).fma(FloatVector.fromArray(S, acc, a + 2 * L), i2);
                i3 = w3.lanewise(LSHL, 15).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle).fma(FloatVector.fromArray(S, acc, a + 3 * L), i3);
                i0 = w0.lanewise(LSHL, 7).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle).fma(FloatVector.fromArray(S, acc, a + 4 * L), i0);
                i1 = w1.lanewise(LSHL, 7).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle).fma(FloatVector.fromArray(S, acc, a + 5 * L), i1);
                i2 = w2.lanewise(LSHL, 7).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle).fma(FloatVector.fromArray(S, acc, a + 6 * L), i2);
                i3 = w3.lanewise(LSHL, 7).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle).fma(FloatVector.fromArray(S, acc, a + 7 * L), i3);
                i0 = w0.lanewise(LSHR, 1).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle).fma(FloatVector.fromArray(S, acc, a + 8 * L), i0);
                i1 = w1.lanewise(LSHR, 1).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle).fma(FloatVector.fromArray(S, acc, a + 9 * L), i1);
                i2 = w2.lanewise(LSHR, 1).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle).fma(FloatVector.fromArray(S, acc, a + 10 * L), i2);
                i3 = w3.lanewise(LSHR, 1).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle).fma(FloatVector.fromArray(S, acc, a + 11 * L), i3);
                i0 = w0.lanewise(LSHR, 9).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle).fma(FloatVector.fromArray(S, acc, a + 12 * L), i0);
                i1 = w1.lanewise(LSHR, 9).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle).fma(FloatVector.fromArray(S, acc, a + 13 * L), i1);
                i2 = w2.lanewise(LSHR, 9).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle).fma(FloatVector.fromArray(S, acc, a + 14 * L), i2);
                i3 = w3.lanewise(LSHR, 9).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle).fma(FloatVector.fromArray(S, acc, a + 15 * L), i3);
            }
            y0 = IntVector.fromMemorySegment(I, w, o0 + top, LE).lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(256f).fma(i0, y0);
            y1 = IntVector.fromMemorySegment(I, w, o1 + top, LE).lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(256f).fma(i1, y1);
            y2 = IntVector.fromMemorySegment(I, w, o2 + top, LE).lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(256f).fma(i2, y2);
            y3 = IntVector.fromMemorySegment(I, w, o3 + top, LE).lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(256f).fma(i3, y3);
        }
        y0.intoArray(y, 0);
        y1.intoArray(y, L);
        y2.intoArray(y, 2 * L);
        y3.intoArray(y, 3 * L);
    }

    /** y[s] -= dmin sum of (m[b] - 128) x[b]: the minima that go with {@link #scaleSuper}. */
    public static void minSuper(Plane plane, long[] o, int supers, int bytes, float[] x, int xo, float[] y) {
        MemorySegment w = plane.data();
        int unitWords = plane.unitWords();
        long o0 = o[0];
        long o1 = o[1];
        long o2 = o[2];
        long o3 = o[3];
        IntVector all = IntVector.broadcast(I, Masks.CODE8[0]);
        IntVector one = IntVector.broadcast(I, Masks.ONE[0]);
        IntVector half = IntVector.broadcast(I, Masks.HALF[0]);
        FloatVector middle = FloatVector.broadcast(S, 1.5f);
        FloatVector y0 = FloatVector.fromArray(S, y, 0);
        FloatVector y1 = FloatVector.fromArray(S, y, L);
        FloatVector y2 = FloatVector.fromArray(S, y, 2 * L);
        FloatVector y3 = FloatVector.fromArray(S, y, 3 * L);
        for (int u = 0; u < supers; u++) {
            long top = (long) u * unitWords * VECTOR;
            FloatVector i0 = FloatVector.zero(S);
            FloatVector i1 = FloatVector.zero(S);
            FloatVector i2 = FloatVector.zero(S);
            FloatVector i3 = FloatVector.zero(S);
            for (int j = 0; j < bytes; j += 4) {
                long at = top + (long) (1 + (bytes >> 2) + (j >> 2)) * VECTOR;
                int c = 4 * (xo + u * bytes + j);
                IntVector w0 = IntVector.fromMemorySegment(I, w, o0 + at, LE);
                IntVector w1 = IntVector.fromMemorySegment(I, w, o1 + at, LE);
                IntVector w2 = IntVector.fromMemorySegment(I, w, o2 + at, LE);
                IntVector w3 = IntVector.fromMemorySegment(I, w, o3 + at, LE);
                i0 = w0.lanewise(LSHL, 15).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle).fma(FloatVector.broadcast(S, x[c]), i0);
                i1 = w1.lanewise(LSHL, 15).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle).fma(FloatVector.broadcast(S, x[c + 1]), i1);
                i2 = w2.lanewise(LSHL, 15).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle).fma(FloatVector.broadcast(S, x[c + 2]), i2);
                i3 = w3.lanewise(LSHL, 15).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle).fma(FloatVector.broadcast(S, x[c + 3]), i3);
                i0 = w0.lanewise(LSHL, 7).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle).fma(FloatVector.broadcast(S, x[c + 4]), i0);
                i1 = w1.lanewise(LSHL, 7).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle).fma(FloatVector.broadcast(S, x[c + 5]), i1);
                i2 = w2.lanewise(LSHL, 7).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle).fma(FloatVector.broadcast(S, x[c + 6]), i2);
                i3 = w3.lanewise(LSHL, 7).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle).fma(FloatVector.broadcast(S, x[c + 7]), i3);
                i0 = w0.lanewise(LSHR, 1).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle).fma(FloatVector.broadcast(S, x[c + 8]), i0);
                i1 = w1.lanewise(LSHR, 1).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle).fma(FloatVector.broadcast(S, x[c + 9]), i1);
                i2 = w2.lanewise(LSHR, 1).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle).fma(FloatVector.broadcast(S, x[c + 10]), i2);
                i3 = w3.lanewise(LSHR, 1).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle).fma(FloatVector.broadcast(S, x[c + 11]), i3);
                i0 = w0.lanewise(LSHR, 9).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle).fma(FloatVector.broadcast(S, x[c + 12]), i0);
                i1 = w1.lanewise(LSHR, 9).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle).fma(FloatVector.broadcast(S, x[c + 13]), i1);
                i2 = w2.lanewise(LSHR, 9).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle).fma(FloatVector.broadcast(S, x[c + 14]), i2);
                i3 = w3.lanewise(LSHR, 9).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle).fma(FloatVector.broadcast(S, x[c + 15]), i3);
            }
            y0 = IntVector.fromMemorySegment(I, w, o0 + top, LE).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(-256f).fma(i0, y0);
            y1 = IntVector.fromMemorySegment(I, w, o1 + top, LE).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(-256f).fma(i1, y1);
            y2 = IntVector.fromMemorySegment(I, w, o2 + top, LE).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(-256f).fma(i2, y2);
            y3 = IntVector.fromMemorySegment(I, w, o3 + top, LE).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(-256f).fma(i3, y3);
        }
        y0.intoArray(y, 0);
        y1.intoArray(y, L);
        y2.intoArray(y, 2 * L);
        y3.intoArray(y, 3 * L);
    }
    // spotless:on
}
