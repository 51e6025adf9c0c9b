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
 * Products of packed matrices with one row of activations.
 *
 * <p>A kernel walks four groups of rows that lie far apart, which hides the latency of memory, and shares each
 * activation between them. Its sums of code x activation are {@code acc[block][4 groups][lanes]}, a block being the
 * columns that share a scale; a second kind of kernel then multiplies these by the scales.
 *
 * <p>A code becomes a float by its place: shifted towards the top of the mantissa, alone with the exponent of 1, it is
 * 1 + q / 2^k for some k. The activations bring the factor 2^k, and what the ones add up to is subtracted from a sum:
 * {@code rests}. The smaller that factor the less is lost in the difference, so each code has a shift of its own, and only
 * two 2-bit codes share one. Activations also bring a factor 2^56, see {@link #F16_SCALE}.
 *
 * <p>Every kernel is one flat method: vectors that cross a call which C2 does not inline are boxed, ten times slower. Each sum
 * begins with a zero of its own: with one value for all, C2 keeps sums and masks on the stack.
 */
public final class PackedDot {
    /** Lanes of a vector: rows of a group. */
    public static final int L = VectorKernels.S.length();

    /** Groups that are walked together. */
    public static final int STREAMS = 4;

    /**
     * The bits of a half-precision float, moved to where a float32 has them, are the value times 2^-112. Activations times
     * 2^56 bring the products half-way back, where nothing is denormal, and results times 2^56 the rest.
     */
    public static final float F16_SCALE = 0x1p56f;

    private static final VectorSpecies<Float> S = VectorKernels.S;
    private static final VectorSpecies<Integer> I = VectorKernels.I;
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final int VECTOR = 4 * L;

    private PackedDot() {}

    // A line a product, so that a kernel can be read at a glance.
    // spotless:off

    /** Sums over 8-bit codes; a word has 4. */
    public static void dot8(Plane plane, long[] o, int blocks, float[] x, int xo, float[] rests, int io, float[] acc) {
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int unit = plane.unitShift();
        int gap = plane.scaleWords();
        long o0 = o[0];
        long o1 = o[1];
        long o2 = o[2];
        long o3 = o[3];
        IntVector code = IntVector.broadcast(I, Masks.CODE8[0]);
        IntVector one = IntVector.broadcast(I, Masks.ONE[0]);
        for (int b = 0; b < blocks; b++) {
            int a = b * 4 * L;
            FloatVector a0 = FloatVector.zero(S);
            FloatVector a1 = FloatVector.zero(S);
            FloatVector a2 = FloatVector.zero(S);
            FloatVector a3 = FloatVector.zero(S);
            int gaps = (b >> unit) * gap;
            for (int j = b * words; j < (b + 1) * words; j++) {
                long at = (long) (j + gaps) * VECTOR;
                int c = xo + 4 * j;
                IntVector w0 = IntVector.fromMemorySegment(I, w, o0 + at, LE);
                IntVector w1 = IntVector.fromMemorySegment(I, w, o1 + at, LE);
                IntVector w2 = IntVector.fromMemorySegment(I, w, o2 + at, LE);
                IntVector w3 = IntVector.fromMemorySegment(I, w, o3 + at, LE);
                FloatVector v = FloatVector.broadcast(S, x[c]);
                a0 = w0.lanewise(LSHL, 15).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(LSHL, 15).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(LSHL, 15).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(LSHL, 15).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
                v = FloatVector.broadcast(S, x[c + 1]);
                a0 = w0.lanewise(LSHL, 7).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(LSHL, 7).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(LSHL, 7).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(LSHL, 7).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
                v = FloatVector.broadcast(S, x[c + 2]);
                a0 = w0.lanewise(LSHR, 1).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(LSHR, 1).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(LSHR, 1).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(LSHR, 1).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
                v = FloatVector.broadcast(S, x[c + 3]);
                a0 = w0.lanewise(LSHR, 9).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(LSHR, 9).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(LSHR, 9).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(LSHR, 9).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
            }
            FloatVector rest = FloatVector.broadcast(S, rests[io + b]);
            a0.add(rest).intoArray(acc, a);
            a1.add(rest).intoArray(acc, a + L);
            a2.add(rest).intoArray(acc, a + 2 * L);
            a3.add(rest).intoArray(acc, a + 3 * L);
        }
    }

    /** Sums over 6-bit codes; a word has 5, and two bits of one more. */
    public static void dot6(Plane plane, long[] o, int blocks, float[] x, int xo, float[] rests, int io, float[] acc) {
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int unit = plane.unitShift();
        int gap = plane.scaleWords();
        long o0 = o[0];
        long o1 = o[1];
        long o2 = o[2];
        long o3 = o[3];
        IntVector code = IntVector.broadcast(I, Masks.CODE6[0]);
        IntVector two = IntVector.broadcast(I, Masks.CODE6[1]);
        IntVector one = IntVector.broadcast(I, Masks.ONE[0]);
        for (int b = 0; b < blocks; b++) {
            int a = b * 4 * L;
            FloatVector a0 = FloatVector.zero(S);
            FloatVector a1 = FloatVector.zero(S);
            FloatVector a2 = FloatVector.zero(S);
            FloatVector a3 = FloatVector.zero(S);
            int gaps = (b >> unit) * gap;
            for (int j = b * words; j < (b + 1) * words; j++) {
                long at = (long) (j + gaps) * VECTOR;
                int c = xo + 6 * j;
                IntVector w0 = IntVector.fromMemorySegment(I, w, o0 + at, LE);
                IntVector w1 = IntVector.fromMemorySegment(I, w, o1 + at, LE);
                IntVector w2 = IntVector.fromMemorySegment(I, w, o2 + at, LE);
                IntVector w3 = IntVector.fromMemorySegment(I, w, o3 + at, LE);
                FloatVector v = FloatVector.broadcast(S, x[c]);
                a0 = w0.lanewise(LSHL, 17).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(LSHL, 17).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(LSHL, 17).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(LSHL, 17).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
                v = FloatVector.broadcast(S, x[c + 1]);
                a0 = w0.lanewise(LSHL, 11).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(LSHL, 11).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(LSHL, 11).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(LSHL, 11).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
                v = FloatVector.broadcast(S, x[c + 2]);
                a0 = w0.lanewise(LSHL, 5).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(LSHL, 5).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(LSHL, 5).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(LSHL, 5).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
                v = FloatVector.broadcast(S, x[c + 3]);
                a0 = w0.lanewise(LSHR, 1).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(LSHR, 1).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(LSHR, 1).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(LSHR, 1).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
                v = FloatVector.broadcast(S, x[c + 4]);
                a0 = w0.lanewise(LSHR, 7).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(LSHR, 7).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(LSHR, 7).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(LSHR, 7).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
                v = FloatVector.broadcast(S, x[c + 5]);
                a0 = w0.lanewise(LSHR, 9).lanewise(AND, two).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(LSHR, 9).lanewise(AND, two).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(LSHR, 9).lanewise(AND, two).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(LSHR, 9).lanewise(AND, two).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
            }
            FloatVector rest = FloatVector.broadcast(S, rests[io + b]);
            a0.add(rest).intoArray(acc, a);
            a1.add(rest).intoArray(acc, a + L);
            a2.add(rest).intoArray(acc, a + 2 * L);
            a3.add(rest).intoArray(acc, a + 3 * L);
        }
    }

    /** Sums over 5-bit codes; a word has 6, and a bit each of two more. */
    public static void dot5(Plane plane, long[] o, int blocks, float[] x, int xo, float[] rests, int io, float[] acc) {
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int unit = plane.unitShift();
        int gap = plane.scaleWords();
        long o0 = o[0];
        long o1 = o[1];
        long o2 = o[2];
        long o3 = o[3];
        IntVector code = IntVector.broadcast(I, Masks.CODE5[0]);
        IntVector bit30 = IntVector.broadcast(I, Masks.CODE5[1]);
        IntVector bit31 = IntVector.broadcast(I, Masks.CODE5[2]);
        IntVector one = IntVector.broadcast(I, Masks.ONE[0]);
        for (int b = 0; b < blocks; b++) {
            int a = b * 4 * L;
            FloatVector a0 = FloatVector.zero(S);
            FloatVector a1 = FloatVector.zero(S);
            FloatVector a2 = FloatVector.zero(S);
            FloatVector a3 = FloatVector.zero(S);
            int gaps = (b >> unit) * gap;
            for (int j = b * words; j < (b + 1) * words; j++) {
                long at = (long) (j + gaps) * VECTOR;
                int c = xo + 8 * j;
                IntVector w0 = IntVector.fromMemorySegment(I, w, o0 + at, LE);
                IntVector w1 = IntVector.fromMemorySegment(I, w, o1 + at, LE);
                IntVector w2 = IntVector.fromMemorySegment(I, w, o2 + at, LE);
                IntVector w3 = IntVector.fromMemorySegment(I, w, o3 + at, LE);
                FloatVector v = FloatVector.broadcast(S, x[c]);
                a0 = w0.lanewise(LSHL, 18).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(LSHL, 18).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(LSHL, 18).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(LSHL, 18).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
                v = FloatVector.broadcast(S, x[c + 1]);
                a0 = w0.lanewise(LSHL, 13).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(LSHL, 13).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(LSHL, 13).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(LSHL, 13).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
                v = FloatVector.broadcast(S, x[c + 2]);
                a0 = w0.lanewise(LSHL, 8).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(LSHL, 8).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(LSHL, 8).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(LSHL, 8).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
                v = FloatVector.broadcast(S, x[c + 3]);
                a0 = w0.lanewise(LSHL, 3).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(LSHL, 3).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(LSHL, 3).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(LSHL, 3).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
                v = FloatVector.broadcast(S, x[c + 4]);
                a0 = w0.lanewise(LSHR, 2).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(LSHR, 2).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(LSHR, 2).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(LSHR, 2).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
                v = FloatVector.broadcast(S, x[c + 5]);
                a0 = w0.lanewise(LSHR, 7).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(LSHR, 7).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(LSHR, 7).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(LSHR, 7).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
                w0 = w0.lanewise(LSHR, 9);
                w1 = w1.lanewise(LSHR, 9);
                w2 = w2.lanewise(LSHR, 9);
                w3 = w3.lanewise(LSHR, 9);
                v = FloatVector.broadcast(S, x[c + 6]);
                a0 = w0.lanewise(AND, bit30).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(AND, bit30).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(AND, bit30).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(AND, bit30).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
                v = FloatVector.broadcast(S, x[c + 7]);
                a0 = w0.lanewise(AND, bit31).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(AND, bit31).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(AND, bit31).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(AND, bit31).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
            }
            FloatVector rest = FloatVector.broadcast(S, rests[io + b]);
            a0.add(rest).intoArray(acc, a);
            a1.add(rest).intoArray(acc, a + L);
            a2.add(rest).intoArray(acc, a + 2 * L);
            a3.add(rest).intoArray(acc, a + 3 * L);
        }
    }

    /** Sums over 4-bit codes; a word has 8. */
    public static void dot4(Plane plane, long[] o, int blocks, float[] x, int xo, float[] rests, int io, float[] acc) {
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int unit = plane.unitShift();
        int gap = plane.scaleWords();
        long o0 = o[0];
        long o1 = o[1];
        long o2 = o[2];
        long o3 = o[3];
        IntVector code = IntVector.broadcast(I, Masks.CODE4[0]);
        IntVector one = IntVector.broadcast(I, Masks.ONE[0]);
        for (int b = 0; b < blocks; b++) {
            int a = b * 4 * L;
            FloatVector a0 = FloatVector.zero(S);
            FloatVector a1 = FloatVector.zero(S);
            FloatVector a2 = FloatVector.zero(S);
            FloatVector a3 = FloatVector.zero(S);
            int gaps = (b >> unit) * gap;
            for (int j = b * words; j < (b + 1) * words; j++) {
                long at = (long) (j + gaps) * VECTOR;
                int c = xo + 8 * j;
                IntVector w0 = IntVector.fromMemorySegment(I, w, o0 + at, LE);
                IntVector w1 = IntVector.fromMemorySegment(I, w, o1 + at, LE);
                IntVector w2 = IntVector.fromMemorySegment(I, w, o2 + at, LE);
                IntVector w3 = IntVector.fromMemorySegment(I, w, o3 + at, LE);
                FloatVector v = FloatVector.broadcast(S, x[c]);
                a0 = w0.lanewise(LSHL, 19).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(LSHL, 19).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(LSHL, 19).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(LSHL, 19).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
                v = FloatVector.broadcast(S, x[c + 1]);
                a0 = w0.lanewise(LSHL, 15).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(LSHL, 15).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(LSHL, 15).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(LSHL, 15).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
                v = FloatVector.broadcast(S, x[c + 2]);
                a0 = w0.lanewise(LSHL, 11).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(LSHL, 11).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(LSHL, 11).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(LSHL, 11).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
                v = FloatVector.broadcast(S, x[c + 3]);
                a0 = w0.lanewise(LSHL, 7).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(LSHL, 7).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(LSHL, 7).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(LSHL, 7).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
                v = FloatVector.broadcast(S, x[c + 4]);
                a0 = w0.lanewise(LSHL, 3).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(LSHL, 3).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(LSHL, 3).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(LSHL, 3).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
                v = FloatVector.broadcast(S, x[c + 5]);
                a0 = w0.lanewise(LSHR, 1).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(LSHR, 1).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(LSHR, 1).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(LSHR, 1).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
                v = FloatVector.broadcast(S, x[c + 6]);
                a0 = w0.lanewise(LSHR, 5).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(LSHR, 5).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(LSHR, 5).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(LSHR, 5).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
                v = FloatVector.broadcast(S, x[c + 7]);
                a0 = w0.lanewise(LSHR, 9).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(LSHR, 9).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(LSHR, 9).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(LSHR, 9).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
            }
            FloatVector rest = FloatVector.broadcast(S, rests[io + b]);
            a0.add(rest).intoArray(acc, a);
            a1.add(rest).intoArray(acc, a + L);
            a2.add(rest).intoArray(acc, a + 2 * L);
            a3.add(rest).intoArray(acc, a + 3 * L);
        }
    }

    /** Sums over 2-bit codes; a word has 16. */
    public static void dot2(Plane plane, long[] o, int blocks, float[] x, int xo, float[] rests, int io, float[] acc) {
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int unit = plane.unitShift();
        int gap = plane.scaleWords();
        long o0 = o[0];
        long o1 = o[1];
        long o2 = o[2];
        long o3 = o[3];
        IntVector low = IntVector.broadcast(I, Masks.CODE2[0]);
        IntVector high = IntVector.broadcast(I, Masks.CODE2[1]);
        IntVector one = IntVector.broadcast(I, Masks.ONE[0]);
        for (int b = 0; b < blocks; b++) {
            int a = b * 4 * L;
            FloatVector a0 = FloatVector.zero(S);
            FloatVector a1 = FloatVector.zero(S);
            FloatVector a2 = FloatVector.zero(S);
            FloatVector a3 = FloatVector.zero(S);
            int gaps = (b >> unit) * gap;
            for (int j = b * words; j < (b + 1) * words; j++) {
                long at = (long) (j + gaps) * VECTOR;
                int c = xo + 16 * j;
                IntVector w0 = IntVector.fromMemorySegment(I, w, o0 + at, LE);
                IntVector w1 = IntVector.fromMemorySegment(I, w, o1 + at, LE);
                IntVector w2 = IntVector.fromMemorySegment(I, w, o2 + at, LE);
                IntVector w3 = IntVector.fromMemorySegment(I, w, o3 + at, LE);
                for (int r = 0; r < 4; r++) {
                    IntVector p0 = w0.lanewise(LSHL, 19);
                    IntVector p1 = w1.lanewise(LSHL, 19);
                    IntVector p2 = w2.lanewise(LSHL, 19);
                    IntVector p3 = w3.lanewise(LSHL, 19);
                    FloatVector v = FloatVector.broadcast(S, x[c]);
                    a0 = p0.lanewise(AND, low).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
                    a1 = p1.lanewise(AND, low).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
                    a2 = p2.lanewise(AND, low).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
                    a3 = p3.lanewise(AND, low).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
                    v = FloatVector.broadcast(S, x[c + 1]);
                    a0 = p0.lanewise(AND, high).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
                    a1 = p1.lanewise(AND, high).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
                    a2 = p2.lanewise(AND, high).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
                    a3 = p3.lanewise(AND, high).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
                    p0 = w0.lanewise(LSHL, 15);
                    p1 = w1.lanewise(LSHL, 15);
                    p2 = w2.lanewise(LSHL, 15);
                    p3 = w3.lanewise(LSHL, 15);
                    v = FloatVector.broadcast(S, x[c + 2]);
                    a0 = p0.lanewise(AND, low).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
                    a1 = p1.lanewise(AND, low).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
                    a2 = p2.lanewise(AND, low).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
                    a3 = p3.lanewise(AND, low).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
                    v = FloatVector.broadcast(S, x[c + 3]);
                    a0 = p0.lanewise(AND, high).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
                    a1 = p1.lanewise(AND, high).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
                    a2 = p2.lanewise(AND, high).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
                    a3 = p3.lanewise(AND, high).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
                    w0 = w0.lanewise(LSHR, 8);
                    w1 = w1.lanewise(LSHR, 8);
                    w2 = w2.lanewise(LSHR, 8);
                    w3 = w3.lanewise(LSHR, 8);
                    c += 4;
                }
            }
            FloatVector rest = FloatVector.broadcast(S, rests[io + b]);
            a0.add(rest).intoArray(acc, a);
            a1.add(rest).intoArray(acc, a + L);
            a2.add(rest).intoArray(acc, a + 2 * L);
            a3.add(rest).intoArray(acc, a + 3 * L);
        }
    }

    /** Sums over the table values of 4-bit codes; a word has 8. */
    public static void dotTable4(Plane plane, long[] o, int blocks, float[] x, int xo, float[] rests, int io, float[] acc, int[] table) {
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int unit = plane.unitShift();
        int gap = plane.scaleWords();
        long o0 = o[0];
        long o1 = o[1];
        long o2 = o[2];
        long o3 = o[3];
        if (L < 16) {
            dotNarrowTable4(plane, o, blocks, x, xo, rests, io, acc, table);
            return;
        }
        IntVector low = IntVector.broadcast(I, 15);
        IntVector values = IntVector.fromArray(I, table, 0);
        for (int b = 0; b < blocks; b++) {
            int a = b * 4 * L;
            FloatVector a0 = FloatVector.zero(S);
            FloatVector a1 = FloatVector.zero(S);
            FloatVector a2 = FloatVector.zero(S);
            FloatVector a3 = FloatVector.zero(S);
            int gaps = (b >> unit) * gap;
            for (int j = b * words; j < (b + 1) * words; j++) {
                long at = (long) (j + gaps) * VECTOR;
                int c = xo + 8 * j;
                IntVector w0 = IntVector.fromMemorySegment(I, w, o0 + at, LE);
                IntVector w1 = IntVector.fromMemorySegment(I, w, o1 + at, LE);
                IntVector w2 = IntVector.fromMemorySegment(I, w, o2 + at, LE);
                IntVector w3 = IntVector.fromMemorySegment(I, w, o3 + at, LE);
                FloatVector v = FloatVector.broadcast(S, x[c]);
                a0 = w0.lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v, a3);
                v = FloatVector.broadcast(S, x[c + 1]);
                a0 = w0.lanewise(LSHR, 4).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(LSHR, 4).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(LSHR, 4).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(LSHR, 4).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v, a3);
                v = FloatVector.broadcast(S, x[c + 2]);
                a0 = w0.lanewise(LSHR, 8).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(LSHR, 8).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(LSHR, 8).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(LSHR, 8).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v, a3);
                v = FloatVector.broadcast(S, x[c + 3]);
                a0 = w0.lanewise(LSHR, 12).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(LSHR, 12).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(LSHR, 12).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(LSHR, 12).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v, a3);
                v = FloatVector.broadcast(S, x[c + 4]);
                a0 = w0.lanewise(LSHR, 16).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(LSHR, 16).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(LSHR, 16).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(LSHR, 16).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v, a3);
                v = FloatVector.broadcast(S, x[c + 5]);
                a0 = w0.lanewise(LSHR, 20).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(LSHR, 20).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(LSHR, 20).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(LSHR, 20).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v, a3);
                v = FloatVector.broadcast(S, x[c + 6]);
                a0 = w0.lanewise(LSHR, 24).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(LSHR, 24).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(LSHR, 24).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(LSHR, 24).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v, a3);
                v = FloatVector.broadcast(S, x[c + 7]);
                a0 = w0.lanewise(LSHR, 28).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(LSHR, 28).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(LSHR, 28).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(LSHR, 28).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v, a3);
            }
            FloatVector rest = FloatVector.broadcast(S, rests[io + b]);
            a0.add(rest).intoArray(acc, a);
            a1.add(rest).intoArray(acc, a + L);
            a2.add(rest).intoArray(acc, a + 2 * L);
            a3.add(rest).intoArray(acc, a + 3 * L);
        }
    }

    /** Sums over floats; a word is one. */
    public static void dotF32(Plane plane, long[] o, int blocks, float[] x, int xo, float[] rests, int io, float[] acc) {
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int unit = plane.unitShift();
        int gap = plane.scaleWords();
        long o0 = o[0];
        long o1 = o[1];
        long o2 = o[2];
        long o3 = o[3];
        for (int b = 0; b < blocks; b++) {
            int a = b * 4 * L;
            FloatVector a0 = FloatVector.zero(S);
            FloatVector a1 = FloatVector.zero(S);
            FloatVector a2 = FloatVector.zero(S);
            FloatVector a3 = FloatVector.zero(S);
            int gaps = (b >> unit) * gap;
            for (int j = b * words; j < (b + 1) * words; j++) {
                long at = (long) (j + gaps) * VECTOR;
                int c = xo + j;
                IntVector w0 = IntVector.fromMemorySegment(I, w, o0 + at, LE);
                IntVector w1 = IntVector.fromMemorySegment(I, w, o1 + at, LE);
                IntVector w2 = IntVector.fromMemorySegment(I, w, o2 + at, LE);
                IntVector w3 = IntVector.fromMemorySegment(I, w, o3 + at, LE);
                FloatVector v = FloatVector.broadcast(S, x[c]);
                a0 = w0.reinterpretAsFloats().fma(v, a0);
                a1 = w1.reinterpretAsFloats().fma(v, a1);
                a2 = w2.reinterpretAsFloats().fma(v, a2);
                a3 = w3.reinterpretAsFloats().fma(v, a3);
            }
            FloatVector rest = FloatVector.broadcast(S, rests[io + b]);
            a0.add(rest).intoArray(acc, a);
            a1.add(rest).intoArray(acc, a + L);
            a2.add(rest).intoArray(acc, a + 2 * L);
            a3.add(rest).intoArray(acc, a + 3 * L);
        }
    }

    /** Sums over half-precision floats times 2^-112; a word has two. */
    public static void dotF16(Plane plane, long[] o, int blocks, float[] x, int xo, float[] rests, int io, float[] acc) {
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int unit = plane.unitShift();
        int gap = plane.scaleWords();
        long o0 = o[0];
        long o1 = o[1];
        long o2 = o[2];
        long o3 = o[3];
        IntVector mask = IntVector.broadcast(I, Masks.HALF[0]);
        for (int b = 0; b < blocks; b++) {
            int a = b * 4 * L;
            FloatVector a0 = FloatVector.zero(S);
            FloatVector a1 = FloatVector.zero(S);
            FloatVector a2 = FloatVector.zero(S);
            FloatVector a3 = FloatVector.zero(S);
            int gaps = (b >> unit) * gap;
            for (int j = b * words; j < (b + 1) * words; j++) {
                long at = (long) (j + gaps) * VECTOR;
                int c = xo + 2 * j;
                IntVector w0 = IntVector.fromMemorySegment(I, w, o0 + at, LE);
                IntVector w1 = IntVector.fromMemorySegment(I, w, o1 + at, LE);
                IntVector w2 = IntVector.fromMemorySegment(I, w, o2 + at, LE);
                IntVector w3 = IntVector.fromMemorySegment(I, w, o3 + at, LE);
                FloatVector v = FloatVector.broadcast(S, x[c]);
                a0 = w0.lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, mask).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, mask).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, mask).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, mask).reinterpretAsFloats().fma(v, a3);
                v = FloatVector.broadcast(S, x[c + 1]);
                a0 = w0.lanewise(ASHR, 3).lanewise(AND, mask).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(ASHR, 3).lanewise(AND, mask).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(ASHR, 3).lanewise(AND, mask).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(ASHR, 3).lanewise(AND, mask).reinterpretAsFloats().fma(v, a3);
            }
            FloatVector rest = FloatVector.broadcast(S, rests[io + b]);
            a0.add(rest).intoArray(acc, a);
            a1.add(rest).intoArray(acc, a + L);
            a2.add(rest).intoArray(acc, a + 2 * L);
            a3.add(rest).intoArray(acc, a + 3 * L);
        }
    }

    /** Sums over bfloat16; a word has two. */
    public static void dotBF16(Plane plane, long[] o, int blocks, float[] x, int xo, float[] rests, int io, float[] acc) {
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int unit = plane.unitShift();
        int gap = plane.scaleWords();
        long o0 = o[0];
        long o1 = o[1];
        long o2 = o[2];
        long o3 = o[3];
        IntVector mask = IntVector.broadcast(I, Masks.UPPER[0]);
        for (int b = 0; b < blocks; b++) {
            int a = b * 4 * L;
            FloatVector a0 = FloatVector.zero(S);
            FloatVector a1 = FloatVector.zero(S);
            FloatVector a2 = FloatVector.zero(S);
            FloatVector a3 = FloatVector.zero(S);
            int gaps = (b >> unit) * gap;
            for (int j = b * words; j < (b + 1) * words; j++) {
                long at = (long) (j + gaps) * VECTOR;
                int c = xo + 2 * j;
                IntVector w0 = IntVector.fromMemorySegment(I, w, o0 + at, LE);
                IntVector w1 = IntVector.fromMemorySegment(I, w, o1 + at, LE);
                IntVector w2 = IntVector.fromMemorySegment(I, w, o2 + at, LE);
                IntVector w3 = IntVector.fromMemorySegment(I, w, o3 + at, LE);
                FloatVector v = FloatVector.broadcast(S, x[c]);
                a0 = w0.lanewise(LSHL, 16).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(LSHL, 16).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(LSHL, 16).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(LSHL, 16).reinterpretAsFloats().fma(v, a3);
                v = FloatVector.broadcast(S, x[c + 1]);
                a0 = w0.lanewise(AND, mask).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(AND, mask).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(AND, mask).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(AND, mask).reinterpretAsFloats().fma(v, a3);
            }
            FloatVector rest = FloatVector.broadcast(S, rests[io + b]);
            a0.add(rest).intoArray(acc, a);
            a1.add(rest).intoArray(acc, a + L);
            a2.add(rest).intoArray(acc, a + 2 * L);
            a3.add(rest).intoArray(acc, a + 3 * L);
        }
    }

    /** {@link #dotTable4} where no vector holds the whole table. */
    private static void dotNarrowTable4(
            Plane plane, long[] o, int blocks, float[] x, int xo, float[] rests, int io, float[] acc, int[] table) {
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int unit = plane.unitShift();
        int gap = plane.scaleWords();
        IntVector low = IntVector.broadcast(I, 15);
        for (int s = 0; s < STREAMS; s++) {
            for (int b = 0; b < blocks; b++) {
                FloatVector sum = FloatVector.broadcast(S, rests[io + b]);
                int gaps = (b >> unit) * gap;
                for (int j = b * words; j < (b + 1) * words; j++) {
                    IntVector v = IntVector.fromMemorySegment(I, w, o[s] + (long) (j + gaps) * VECTOR, LE);
                    for (int i = 0; i < 8; i++) {
                        sum = PackedPanel.look(v.lanewise(AND, low), table).reinterpretAsFloats().fma(FloatVector.broadcast(S, x[xo + 8 * j + i]), sum);
                        v = v.lanewise(LSHR, 4);
                    }
                }
                sum.intoArray(acc, (b * 4 + s) * L);
            }
        }
    }
    // spotless:on
}
