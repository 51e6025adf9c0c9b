package dev.skald.kernels.simd;

import static jdk.incubator.vector.VectorOperators.AND;
import static jdk.incubator.vector.VectorOperators.LSHR;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link PackedDot} for processors that multiply subnormal floats as fast as others: AMD's do, Intel's take a hundred and
 * fifty cycles ({@link Subnormals} tries it).
 *
 * <p>A code whose lowest bit stands at place p of a word, alone and not reaching into a float's exponent, already is a
 * float, the subnormal q 2^(p - 149). So one AND makes a float of a code; codes above the mantissa come down together, by
 * one shift for a whole word. Activations bring 2^(90 - p), a sum is multiplied by {@code up}, and {@code init} is added
 * last: nothing has to be subtracted again, and a product is exact until it is added.
 *
 * <p>Two sums for each group of rows: with one the kernel would wait for its own additions. C2 has registers for them as
 * long as each begins with a zero of its own, and no more than four activations and masks are at hand: a word of eight codes
 * is read twice, its lower half and then its upper one. With a zero for all, or eight activations, it keeps sums and masks on
 * the stack, and the kernel takes up to three times as long.
 */
public final class SubnormalDot {
    /** Sums over products q 2^(p - 149) x 2^(90 - p) times this are the sums over q x. */
    public static final float UP = 0x1p59f;

    private static final int L = PackedDot.L;
    private static final VectorSpecies<Float> S = VectorKernels.S;
    private static final VectorSpecies<Integer> I = VectorKernels.I;
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final int VECTOR = 4 * L;

    private SubnormalDot() {}

    /**
     * The factor on the activation of a code.
     *
     * @param bits width of a code: 2, 4, 5, 6 or 8
     * @param field which of a word's places
     */
    public static float factor(int bits, int field) {
        int place = switch (bits) {
            case 2 -> 2 * (field % 8);
            case 4 -> 4 * (field % 4);
            case 5 -> field < 4 ? 5 * field : field < 7 ? 5 * field - 15 : 16;
            case 6 -> field < 3 ? 6 * field : 6 * field - 12;
            case 8 -> 8 * (field % 2);
            default -> throw new IllegalArgumentException("bits=" + bits);
        };
        return Math.scalb(1f, 90 - place);
    }

    // A line a product, so that a kernel can be read at a glance.
    // spotless:off

    /** Sums over 8-bit codes; a word has 4. */
    public static void dot8(Plane plane, long[] o, int blocks, float[] x, int xo, float[] init, int io, float up, float[] acc) {
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int unit = plane.unitShift();
        int gap = plane.scaleWords();
        IntVector m0 = IntVector.broadcast(I, Masks.LOW8[0]);
        IntVector m1 = IntVector.broadcast(I, Masks.LOW8[1]);
        FloatVector factor = FloatVector.broadcast(S, up);
        long o0 = o[0];
        long o1 = o[1];
        long o2 = o[2];
        long o3 = o[3];
        for (int b = 0; b < blocks; b++) {
            int a = b * 4 * L;
            int gaps = (b >> unit) * gap;
            FloatVector a0 = FloatVector.zero(S);
            FloatVector b0 = FloatVector.zero(S);
            FloatVector a1 = FloatVector.zero(S);
            FloatVector b1 = FloatVector.zero(S);
            FloatVector a2 = FloatVector.zero(S);
            FloatVector b2 = FloatVector.zero(S);
            FloatVector a3 = FloatVector.zero(S);
            FloatVector b3 = FloatVector.zero(S);
            for (int j = b * words; j < (b + 1) * words; j++) {
                long at = (long) (j + gaps) * VECTOR;
                int c = xo + 4 * j;
                IntVector w0 = IntVector.fromMemorySegment(I, w, o0 + at, LE);
                IntVector w1 = IntVector.fromMemorySegment(I, w, o1 + at, LE);
                IntVector w2 = IntVector.fromMemorySegment(I, w, o2 + at, LE);
                IntVector w3 = IntVector.fromMemorySegment(I, w, o3 + at, LE);
                FloatVector v = FloatVector.broadcast(S, x[c]);
                a0 = w0.lanewise(AND, m0).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(AND, m0).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(AND, m0).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(AND, m0).reinterpretAsFloats().fma(v, a3);
                v = FloatVector.broadcast(S, x[c + 1]);
                b0 = w0.lanewise(AND, m1).reinterpretAsFloats().fma(v, b0);
                b1 = w1.lanewise(AND, m1).reinterpretAsFloats().fma(v, b1);
                b2 = w2.lanewise(AND, m1).reinterpretAsFloats().fma(v, b2);
                b3 = w3.lanewise(AND, m1).reinterpretAsFloats().fma(v, b3);
                w0 = w0.lanewise(LSHR, 16);
                w1 = w1.lanewise(LSHR, 16);
                w2 = w2.lanewise(LSHR, 16);
                w3 = w3.lanewise(LSHR, 16);
                v = FloatVector.broadcast(S, x[c + 2]);
                a0 = w0.lanewise(AND, m0).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(AND, m0).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(AND, m0).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(AND, m0).reinterpretAsFloats().fma(v, a3);
                v = FloatVector.broadcast(S, x[c + 3]);
                b0 = w0.lanewise(AND, m1).reinterpretAsFloats().fma(v, b0);
                b1 = w1.lanewise(AND, m1).reinterpretAsFloats().fma(v, b1);
                b2 = w2.lanewise(AND, m1).reinterpretAsFloats().fma(v, b2);
                b3 = w3.lanewise(AND, m1).reinterpretAsFloats().fma(v, b3);
            }
            FloatVector start = FloatVector.broadcast(S, init[io + b]);
            a0.add(b0).fma(factor, start).intoArray(acc, a);
            a1.add(b1).fma(factor, start).intoArray(acc, a + L);
            a2.add(b2).fma(factor, start).intoArray(acc, a + 2 * L);
            a3.add(b3).fma(factor, start).intoArray(acc, a + 3 * L);
        }
    }

    /** Sums over 6-bit codes; a word has 5, and two bits of one more. */
    public static void dot6(Plane plane, long[] o, int blocks, float[] x, int xo, float[] init, int io, float up, float[] acc) {
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int unit = plane.unitShift();
        int gap = plane.scaleWords();
        IntVector m0 = IntVector.broadcast(I, Masks.LOW6[0]);
        IntVector m1 = IntVector.broadcast(I, Masks.LOW6[1]);
        IntVector m2 = IntVector.broadcast(I, Masks.LOW6[2]);
        IntVector m3 = IntVector.broadcast(I, Masks.LOW6[3]);
        FloatVector factor = FloatVector.broadcast(S, up);
        long o0 = o[0];
        long o1 = o[1];
        long o2 = o[2];
        long o3 = o[3];
        for (int b = 0; b < blocks; b++) {
            int a = b * 4 * L;
            int gaps = (b >> unit) * gap;
            FloatVector a0 = FloatVector.zero(S);
            FloatVector b0 = FloatVector.zero(S);
            FloatVector a1 = FloatVector.zero(S);
            FloatVector b1 = FloatVector.zero(S);
            FloatVector a2 = FloatVector.zero(S);
            FloatVector b2 = FloatVector.zero(S);
            FloatVector a3 = FloatVector.zero(S);
            FloatVector b3 = FloatVector.zero(S);
            for (int j = b * words; j < (b + 1) * words; j++) {
                long at = (long) (j + gaps) * VECTOR;
                int c = xo + 6 * j;
                IntVector w0 = IntVector.fromMemorySegment(I, w, o0 + at, LE);
                IntVector w1 = IntVector.fromMemorySegment(I, w, o1 + at, LE);
                IntVector w2 = IntVector.fromMemorySegment(I, w, o2 + at, LE);
                IntVector w3 = IntVector.fromMemorySegment(I, w, o3 + at, LE);
                FloatVector v = FloatVector.broadcast(S, x[c]);
                a0 = w0.lanewise(AND, m0).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(AND, m0).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(AND, m0).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(AND, m0).reinterpretAsFloats().fma(v, a3);
                v = FloatVector.broadcast(S, x[c + 1]);
                b0 = w0.lanewise(AND, m1).reinterpretAsFloats().fma(v, b0);
                b1 = w1.lanewise(AND, m1).reinterpretAsFloats().fma(v, b1);
                b2 = w2.lanewise(AND, m1).reinterpretAsFloats().fma(v, b2);
                b3 = w3.lanewise(AND, m1).reinterpretAsFloats().fma(v, b3);
                v = FloatVector.broadcast(S, x[c + 2]);
                a0 = w0.lanewise(AND, m2).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(AND, m2).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(AND, m2).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(AND, m2).reinterpretAsFloats().fma(v, a3);
                w0 = w0.lanewise(LSHR, 12);
                w1 = w1.lanewise(LSHR, 12);
                w2 = w2.lanewise(LSHR, 12);
                w3 = w3.lanewise(LSHR, 12);
                v = FloatVector.broadcast(S, x[c + 3]);
                b0 = w0.lanewise(AND, m1).reinterpretAsFloats().fma(v, b0);
                b1 = w1.lanewise(AND, m1).reinterpretAsFloats().fma(v, b1);
                b2 = w2.lanewise(AND, m1).reinterpretAsFloats().fma(v, b2);
                b3 = w3.lanewise(AND, m1).reinterpretAsFloats().fma(v, b3);
                v = FloatVector.broadcast(S, x[c + 4]);
                a0 = w0.lanewise(AND, m2).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(AND, m2).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(AND, m2).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(AND, m2).reinterpretAsFloats().fma(v, a3);
                v = FloatVector.broadcast(S, x[c + 5]);
                b0 = w0.lanewise(AND, m3).reinterpretAsFloats().fma(v, b0);
                b1 = w1.lanewise(AND, m3).reinterpretAsFloats().fma(v, b1);
                b2 = w2.lanewise(AND, m3).reinterpretAsFloats().fma(v, b2);
                b3 = w3.lanewise(AND, m3).reinterpretAsFloats().fma(v, b3);
            }
            FloatVector start = FloatVector.broadcast(S, init[io + b]);
            a0.add(b0).fma(factor, start).intoArray(acc, a);
            a1.add(b1).fma(factor, start).intoArray(acc, a + L);
            a2.add(b2).fma(factor, start).intoArray(acc, a + 2 * L);
            a3.add(b3).fma(factor, start).intoArray(acc, a + 3 * L);
        }
    }

    /** Sums over 5-bit codes; a word has 6, and a bit each of two more. */
    public static void dot5(Plane plane, long[] o, int blocks, float[] x, int xo, float[] init, int io, float up, float[] acc) {
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int unit = plane.unitShift();
        int gap = plane.scaleWords();
        IntVector m0 = IntVector.broadcast(I, Masks.LOW5[0]);
        IntVector m1 = IntVector.broadcast(I, Masks.LOW5[1]);
        IntVector m2 = IntVector.broadcast(I, Masks.LOW5[2]);
        IntVector m3 = IntVector.broadcast(I, Masks.LOW5[3]);
        IntVector m4 = IntVector.broadcast(I, Masks.LOW5[4]);
        IntVector m5 = IntVector.broadcast(I, Masks.LOW5[5]);
        FloatVector factor = FloatVector.broadcast(S, up);
        long o0 = o[0];
        long o1 = o[1];
        long o2 = o[2];
        long o3 = o[3];
        for (int b = 0; b < blocks; b++) {
            int a = b * 4 * L;
            int gaps = (b >> unit) * gap;
            FloatVector a0 = FloatVector.zero(S);
            FloatVector b0 = FloatVector.zero(S);
            FloatVector a1 = FloatVector.zero(S);
            FloatVector b1 = FloatVector.zero(S);
            FloatVector a2 = FloatVector.zero(S);
            FloatVector b2 = FloatVector.zero(S);
            FloatVector a3 = FloatVector.zero(S);
            FloatVector b3 = FloatVector.zero(S);
            for (int j = b * words; j < (b + 1) * words; j++) {
                long at = (long) (j + gaps) * VECTOR;
                int c = xo + 8 * j;
                IntVector w0 = IntVector.fromMemorySegment(I, w, o0 + at, LE);
                IntVector w1 = IntVector.fromMemorySegment(I, w, o1 + at, LE);
                IntVector w2 = IntVector.fromMemorySegment(I, w, o2 + at, LE);
                IntVector w3 = IntVector.fromMemorySegment(I, w, o3 + at, LE);
                FloatVector v = FloatVector.broadcast(S, x[c]);
                a0 = w0.lanewise(AND, m0).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(AND, m0).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(AND, m0).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(AND, m0).reinterpretAsFloats().fma(v, a3);
                v = FloatVector.broadcast(S, x[c + 1]);
                b0 = w0.lanewise(AND, m1).reinterpretAsFloats().fma(v, b0);
                b1 = w1.lanewise(AND, m1).reinterpretAsFloats().fma(v, b1);
                b2 = w2.lanewise(AND, m1).reinterpretAsFloats().fma(v, b2);
                b3 = w3.lanewise(AND, m1).reinterpretAsFloats().fma(v, b3);
                v = FloatVector.broadcast(S, x[c + 2]);
                a0 = w0.lanewise(AND, m2).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(AND, m2).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(AND, m2).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(AND, m2).reinterpretAsFloats().fma(v, a3);
                v = FloatVector.broadcast(S, x[c + 3]);
                b0 = w0.lanewise(AND, m3).reinterpretAsFloats().fma(v, b0);
                b1 = w1.lanewise(AND, m3).reinterpretAsFloats().fma(v, b1);
                b2 = w2.lanewise(AND, m3).reinterpretAsFloats().fma(v, b2);
                b3 = w3.lanewise(AND, m3).reinterpretAsFloats().fma(v, b3);
            }
            for (int j = b * words; j < (b + 1) * words; j++) {
                long at = (long) (j + gaps) * VECTOR;
                int c = xo + 8 * j;
                IntVector w0 = IntVector.fromMemorySegment(I, w, o0 + at, LE).lanewise(LSHR, 15);
                IntVector w1 = IntVector.fromMemorySegment(I, w, o1 + at, LE).lanewise(LSHR, 15);
                IntVector w2 = IntVector.fromMemorySegment(I, w, o2 + at, LE).lanewise(LSHR, 15);
                IntVector w3 = IntVector.fromMemorySegment(I, w, o3 + at, LE).lanewise(LSHR, 15);
                FloatVector v = FloatVector.broadcast(S, x[c + 4]);
                a0 = w0.lanewise(AND, m1).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(AND, m1).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(AND, m1).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(AND, m1).reinterpretAsFloats().fma(v, a3);
                v = FloatVector.broadcast(S, x[c + 5]);
                b0 = w0.lanewise(AND, m2).reinterpretAsFloats().fma(v, b0);
                b1 = w1.lanewise(AND, m2).reinterpretAsFloats().fma(v, b1);
                b2 = w2.lanewise(AND, m2).reinterpretAsFloats().fma(v, b2);
                b3 = w3.lanewise(AND, m2).reinterpretAsFloats().fma(v, b3);
                v = FloatVector.broadcast(S, x[c + 6]);
                a0 = w0.lanewise(AND, m4).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(AND, m4).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(AND, m4).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(AND, m4).reinterpretAsFloats().fma(v, a3);
                v = FloatVector.broadcast(S, x[c + 7]);
                b0 = w0.lanewise(AND, m5).reinterpretAsFloats().fma(v, b0);
                b1 = w1.lanewise(AND, m5).reinterpretAsFloats().fma(v, b1);
                b2 = w2.lanewise(AND, m5).reinterpretAsFloats().fma(v, b2);
                b3 = w3.lanewise(AND, m5).reinterpretAsFloats().fma(v, b3);
            }
            FloatVector start = FloatVector.broadcast(S, init[io + b]);
            a0.add(b0).fma(factor, start).intoArray(acc, a);
            a1.add(b1).fma(factor, start).intoArray(acc, a + L);
            a2.add(b2).fma(factor, start).intoArray(acc, a + 2 * L);
            a3.add(b3).fma(factor, start).intoArray(acc, a + 3 * L);
        }
    }

    /** Sums over 4-bit codes; a word has 8. */
    public static void dot4(Plane plane, long[] o, int blocks, float[] x, int xo, float[] init, int io, float up, float[] acc) {
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int unit = plane.unitShift();
        int gap = plane.scaleWords();
        IntVector m0 = IntVector.broadcast(I, Masks.LOW4[0]);
        IntVector m1 = IntVector.broadcast(I, Masks.LOW4[1]);
        IntVector m2 = IntVector.broadcast(I, Masks.LOW4[2]);
        IntVector m3 = IntVector.broadcast(I, Masks.LOW4[3]);
        FloatVector factor = FloatVector.broadcast(S, up);
        long o0 = o[0];
        long o1 = o[1];
        long o2 = o[2];
        long o3 = o[3];
        for (int b = 0; b < blocks; b++) {
            int a = b * 4 * L;
            int gaps = (b >> unit) * gap;
            FloatVector a0 = FloatVector.zero(S);
            FloatVector b0 = FloatVector.zero(S);
            FloatVector a1 = FloatVector.zero(S);
            FloatVector b1 = FloatVector.zero(S);
            FloatVector a2 = FloatVector.zero(S);
            FloatVector b2 = FloatVector.zero(S);
            FloatVector a3 = FloatVector.zero(S);
            FloatVector b3 = FloatVector.zero(S);
            for (int j = b * words; j < (b + 1) * words; j++) {
                long at = (long) (j + gaps) * VECTOR;
                int c = xo + 8 * j;
                IntVector w0 = IntVector.fromMemorySegment(I, w, o0 + at, LE);
                IntVector w1 = IntVector.fromMemorySegment(I, w, o1 + at, LE);
                IntVector w2 = IntVector.fromMemorySegment(I, w, o2 + at, LE);
                IntVector w3 = IntVector.fromMemorySegment(I, w, o3 + at, LE);
                FloatVector v = FloatVector.broadcast(S, x[c]);
                a0 = w0.lanewise(AND, m0).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(AND, m0).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(AND, m0).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(AND, m0).reinterpretAsFloats().fma(v, a3);
                v = FloatVector.broadcast(S, x[c + 1]);
                b0 = w0.lanewise(AND, m1).reinterpretAsFloats().fma(v, b0);
                b1 = w1.lanewise(AND, m1).reinterpretAsFloats().fma(v, b1);
                b2 = w2.lanewise(AND, m1).reinterpretAsFloats().fma(v, b2);
                b3 = w3.lanewise(AND, m1).reinterpretAsFloats().fma(v, b3);
                v = FloatVector.broadcast(S, x[c + 2]);
                a0 = w0.lanewise(AND, m2).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(AND, m2).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(AND, m2).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(AND, m2).reinterpretAsFloats().fma(v, a3);
                v = FloatVector.broadcast(S, x[c + 3]);
                b0 = w0.lanewise(AND, m3).reinterpretAsFloats().fma(v, b0);
                b1 = w1.lanewise(AND, m3).reinterpretAsFloats().fma(v, b1);
                b2 = w2.lanewise(AND, m3).reinterpretAsFloats().fma(v, b2);
                b3 = w3.lanewise(AND, m3).reinterpretAsFloats().fma(v, b3);
            }
            for (int j = b * words; j < (b + 1) * words; j++) {
                long at = (long) (j + gaps) * VECTOR;
                int c = xo + 8 * j;
                IntVector w0 = IntVector.fromMemorySegment(I, w, o0 + at, LE).lanewise(LSHR, 16);
                IntVector w1 = IntVector.fromMemorySegment(I, w, o1 + at, LE).lanewise(LSHR, 16);
                IntVector w2 = IntVector.fromMemorySegment(I, w, o2 + at, LE).lanewise(LSHR, 16);
                IntVector w3 = IntVector.fromMemorySegment(I, w, o3 + at, LE).lanewise(LSHR, 16);
                FloatVector v = FloatVector.broadcast(S, x[c + 4]);
                a0 = w0.lanewise(AND, m0).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(AND, m0).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(AND, m0).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(AND, m0).reinterpretAsFloats().fma(v, a3);
                v = FloatVector.broadcast(S, x[c + 5]);
                b0 = w0.lanewise(AND, m1).reinterpretAsFloats().fma(v, b0);
                b1 = w1.lanewise(AND, m1).reinterpretAsFloats().fma(v, b1);
                b2 = w2.lanewise(AND, m1).reinterpretAsFloats().fma(v, b2);
                b3 = w3.lanewise(AND, m1).reinterpretAsFloats().fma(v, b3);
                v = FloatVector.broadcast(S, x[c + 6]);
                a0 = w0.lanewise(AND, m2).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(AND, m2).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(AND, m2).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(AND, m2).reinterpretAsFloats().fma(v, a3);
                v = FloatVector.broadcast(S, x[c + 7]);
                b0 = w0.lanewise(AND, m3).reinterpretAsFloats().fma(v, b0);
                b1 = w1.lanewise(AND, m3).reinterpretAsFloats().fma(v, b1);
                b2 = w2.lanewise(AND, m3).reinterpretAsFloats().fma(v, b2);
                b3 = w3.lanewise(AND, m3).reinterpretAsFloats().fma(v, b3);
            }
            FloatVector start = FloatVector.broadcast(S, init[io + b]);
            a0.add(b0).fma(factor, start).intoArray(acc, a);
            a1.add(b1).fma(factor, start).intoArray(acc, a + L);
            a2.add(b2).fma(factor, start).intoArray(acc, a + 2 * L);
            a3.add(b3).fma(factor, start).intoArray(acc, a + 3 * L);
        }
    }

    /** Sums over 2-bit codes; a word has 16. */
    public static void dot2(Plane plane, long[] o, int blocks, float[] x, int xo, float[] init, int io, float up, float[] acc) {
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int unit = plane.unitShift();
        int gap = plane.scaleWords();
        IntVector m0 = IntVector.broadcast(I, Masks.LOW2[0]);
        IntVector m1 = IntVector.broadcast(I, Masks.LOW2[1]);
        IntVector m2 = IntVector.broadcast(I, Masks.LOW2[2]);
        IntVector m3 = IntVector.broadcast(I, Masks.LOW2[3]);
        IntVector m4 = IntVector.broadcast(I, Masks.LOW2[4]);
        IntVector m5 = IntVector.broadcast(I, Masks.LOW2[5]);
        IntVector m6 = IntVector.broadcast(I, Masks.LOW2[6]);
        IntVector m7 = IntVector.broadcast(I, Masks.LOW2[7]);
        FloatVector factor = FloatVector.broadcast(S, up);
        long o0 = o[0];
        long o1 = o[1];
        long o2 = o[2];
        long o3 = o[3];
        for (int b = 0; b < blocks; b++) {
            int a = b * 4 * L;
            int gaps = (b >> unit) * gap;
            FloatVector a0 = FloatVector.zero(S);
            FloatVector b0 = FloatVector.zero(S);
            FloatVector a1 = FloatVector.zero(S);
            FloatVector b1 = FloatVector.zero(S);
            FloatVector a2 = FloatVector.zero(S);
            FloatVector b2 = FloatVector.zero(S);
            FloatVector a3 = FloatVector.zero(S);
            FloatVector b3 = FloatVector.zero(S);
            for (int j = b * words; j < (b + 1) * words; j++) {
                long at = (long) (j + gaps) * VECTOR;
                int c = xo + 16 * j;
                IntVector w0 = IntVector.fromMemorySegment(I, w, o0 + at, LE);
                IntVector w1 = IntVector.fromMemorySegment(I, w, o1 + at, LE);
                IntVector w2 = IntVector.fromMemorySegment(I, w, o2 + at, LE);
                IntVector w3 = IntVector.fromMemorySegment(I, w, o3 + at, LE);
                FloatVector v = FloatVector.broadcast(S, x[c]);
                a0 = w0.lanewise(AND, m0).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(AND, m0).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(AND, m0).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(AND, m0).reinterpretAsFloats().fma(v, a3);
                v = FloatVector.broadcast(S, x[c + 1]);
                b0 = w0.lanewise(AND, m1).reinterpretAsFloats().fma(v, b0);
                b1 = w1.lanewise(AND, m1).reinterpretAsFloats().fma(v, b1);
                b2 = w2.lanewise(AND, m1).reinterpretAsFloats().fma(v, b2);
                b3 = w3.lanewise(AND, m1).reinterpretAsFloats().fma(v, b3);
                v = FloatVector.broadcast(S, x[c + 2]);
                a0 = w0.lanewise(AND, m2).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(AND, m2).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(AND, m2).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(AND, m2).reinterpretAsFloats().fma(v, a3);
                v = FloatVector.broadcast(S, x[c + 3]);
                b0 = w0.lanewise(AND, m3).reinterpretAsFloats().fma(v, b0);
                b1 = w1.lanewise(AND, m3).reinterpretAsFloats().fma(v, b1);
                b2 = w2.lanewise(AND, m3).reinterpretAsFloats().fma(v, b2);
                b3 = w3.lanewise(AND, m3).reinterpretAsFloats().fma(v, b3);
                v = FloatVector.broadcast(S, x[c + 4]);
                a0 = w0.lanewise(AND, m4).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(AND, m4).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(AND, m4).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(AND, m4).reinterpretAsFloats().fma(v, a3);
                v = FloatVector.broadcast(S, x[c + 5]);
                b0 = w0.lanewise(AND, m5).reinterpretAsFloats().fma(v, b0);
                b1 = w1.lanewise(AND, m5).reinterpretAsFloats().fma(v, b1);
                b2 = w2.lanewise(AND, m5).reinterpretAsFloats().fma(v, b2);
                b3 = w3.lanewise(AND, m5).reinterpretAsFloats().fma(v, b3);
                v = FloatVector.broadcast(S, x[c + 6]);
                a0 = w0.lanewise(AND, m6).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(AND, m6).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(AND, m6).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(AND, m6).reinterpretAsFloats().fma(v, a3);
                v = FloatVector.broadcast(S, x[c + 7]);
                b0 = w0.lanewise(AND, m7).reinterpretAsFloats().fma(v, b0);
                b1 = w1.lanewise(AND, m7).reinterpretAsFloats().fma(v, b1);
                b2 = w2.lanewise(AND, m7).reinterpretAsFloats().fma(v, b2);
                b3 = w3.lanewise(AND, m7).reinterpretAsFloats().fma(v, b3);
            }
            for (int j = b * words; j < (b + 1) * words; j++) {
                long at = (long) (j + gaps) * VECTOR;
                int c = xo + 16 * j;
                IntVector w0 = IntVector.fromMemorySegment(I, w, o0 + at, LE).lanewise(LSHR, 16);
                IntVector w1 = IntVector.fromMemorySegment(I, w, o1 + at, LE).lanewise(LSHR, 16);
                IntVector w2 = IntVector.fromMemorySegment(I, w, o2 + at, LE).lanewise(LSHR, 16);
                IntVector w3 = IntVector.fromMemorySegment(I, w, o3 + at, LE).lanewise(LSHR, 16);
                FloatVector v = FloatVector.broadcast(S, x[c + 8]);
                a0 = w0.lanewise(AND, m0).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(AND, m0).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(AND, m0).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(AND, m0).reinterpretAsFloats().fma(v, a3);
                v = FloatVector.broadcast(S, x[c + 9]);
                b0 = w0.lanewise(AND, m1).reinterpretAsFloats().fma(v, b0);
                b1 = w1.lanewise(AND, m1).reinterpretAsFloats().fma(v, b1);
                b2 = w2.lanewise(AND, m1).reinterpretAsFloats().fma(v, b2);
                b3 = w3.lanewise(AND, m1).reinterpretAsFloats().fma(v, b3);
                v = FloatVector.broadcast(S, x[c + 10]);
                a0 = w0.lanewise(AND, m2).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(AND, m2).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(AND, m2).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(AND, m2).reinterpretAsFloats().fma(v, a3);
                v = FloatVector.broadcast(S, x[c + 11]);
                b0 = w0.lanewise(AND, m3).reinterpretAsFloats().fma(v, b0);
                b1 = w1.lanewise(AND, m3).reinterpretAsFloats().fma(v, b1);
                b2 = w2.lanewise(AND, m3).reinterpretAsFloats().fma(v, b2);
                b3 = w3.lanewise(AND, m3).reinterpretAsFloats().fma(v, b3);
                v = FloatVector.broadcast(S, x[c + 12]);
                a0 = w0.lanewise(AND, m4).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(AND, m4).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(AND, m4).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(AND, m4).reinterpretAsFloats().fma(v, a3);
                v = FloatVector.broadcast(S, x[c + 13]);
                b0 = w0.lanewise(AND, m5).reinterpretAsFloats().fma(v, b0);
                b1 = w1.lanewise(AND, m5).reinterpretAsFloats().fma(v, b1);
                b2 = w2.lanewise(AND, m5).reinterpretAsFloats().fma(v, b2);
                b3 = w3.lanewise(AND, m5).reinterpretAsFloats().fma(v, b3);
                v = FloatVector.broadcast(S, x[c + 14]);
                a0 = w0.lanewise(AND, m6).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(AND, m6).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(AND, m6).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(AND, m6).reinterpretAsFloats().fma(v, a3);
                v = FloatVector.broadcast(S, x[c + 15]);
                b0 = w0.lanewise(AND, m7).reinterpretAsFloats().fma(v, b0);
                b1 = w1.lanewise(AND, m7).reinterpretAsFloats().fma(v, b1);
                b2 = w2.lanewise(AND, m7).reinterpretAsFloats().fma(v, b2);
                b3 = w3.lanewise(AND, m7).reinterpretAsFloats().fma(v, b3);
            }
            FloatVector start = FloatVector.broadcast(S, init[io + b]);
            a0.add(b0).fma(factor, start).intoArray(acc, a);
            a1.add(b1).fma(factor, start).intoArray(acc, a + L);
            a2.add(b2).fma(factor, start).intoArray(acc, a + 2 * L);
            a3.add(b3).fma(factor, start).intoArray(acc, a + 3 * L);
        }
    }
    // spotless:on
}
