package dev.skald.kernels.simd;

import static jdk.incubator.vector.VectorOperators.AND;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.OR;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Products of packed matrices with eight rows of activations: two groups of rows, each code of which is made a float once.
 *
 * <p>This is {@link PackedDot} with tokens in the place of groups: the activations are {@code x[field][8 tokens]},
 * {@code init[block][8 tokens]} is added, and the sums end in {@code acc[half][block][4 tokens][lanes]}, two halves of the
 * tokens for the first group and then two for the second, so that {@link PackedScales} goes on with each in the same way.
 */
public final class PackedBatch {
    /** Tokens that are multiplied together. */
    public static final int TOKENS = 8;

    private static final int L = PackedDot.L;
    private static final VectorSpecies<Float> S = VectorKernels.S;
    private static final VectorSpecies<Integer> I = VectorKernels.I;
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final int VECTOR = 4 * L;

    private PackedBatch() {}

    // A line a product, so that a kernel can be read at a glance.
    // spotless:off

    /** Sums over 8-bit codes. */
    public static void dot8(Plane plane, long o, long p, int blocks, float[] x, int xo, float[] init, int io, float[][] acc) {
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int unit = plane.unitShift();
        int gap = plane.scaleWords();
        IntVector code = IntVector.broadcast(I, Masks.CODE8[0]);
        IntVector one = IntVector.broadcast(I, Masks.ONE[0]);
        for (int b = 0; b < blocks; b++) {
            FloatVector a0 = FloatVector.zero(S);
            FloatVector a1 = FloatVector.zero(S);
            FloatVector a2 = FloatVector.zero(S);
            FloatVector a3 = FloatVector.zero(S);
            FloatVector a4 = FloatVector.zero(S);
            FloatVector a5 = FloatVector.zero(S);
            FloatVector a6 = FloatVector.zero(S);
            FloatVector a7 = FloatVector.zero(S);
            FloatVector b0 = FloatVector.zero(S);
            FloatVector b1 = FloatVector.zero(S);
            FloatVector b2 = FloatVector.zero(S);
            FloatVector b3 = FloatVector.zero(S);
            FloatVector b4 = FloatVector.zero(S);
            FloatVector b5 = FloatVector.zero(S);
            FloatVector b6 = FloatVector.zero(S);
            FloatVector b7 = FloatVector.zero(S);
            int gaps = (b >> unit) * gap;
            for (int j = b * words; j < (b + 1) * words; j++) {
                int c = 8 * (xo + 4 * j);
                IntVector v = IntVector.fromMemorySegment(I, w, o + (long) (j + gaps) * VECTOR, LE);
                IntVector u = IntVector.fromMemorySegment(I, w, p + (long) (j + gaps) * VECTOR, LE);
                for (int r = 0; r < 4; r++) {
                    FloatVector f = v.lanewise(LSHL, 15).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                    FloatVector g = u.lanewise(LSHL, 15).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                    FloatVector y = FloatVector.broadcast(S, x[c]);
                    a0 = f.fma(y, a0);
                    b0 = g.fma(y, b0);
                    y = FloatVector.broadcast(S, x[c + 1]);
                    a1 = f.fma(y, a1);
                    b1 = g.fma(y, b1);
                    y = FloatVector.broadcast(S, x[c + 2]);
                    a2 = f.fma(y, a2);
                    b2 = g.fma(y, b2);
                    y = FloatVector.broadcast(S, x[c + 3]);
                    a3 = f.fma(y, a3);
                    b3 = g.fma(y, b3);
                    y = FloatVector.broadcast(S, x[c + 4]);
                    a4 = f.fma(y, a4);
                    b4 = g.fma(y, b4);
                    y = FloatVector.broadcast(S, x[c + 5]);
                    a5 = f.fma(y, a5);
                    b5 = g.fma(y, b5);
                    y = FloatVector.broadcast(S, x[c + 6]);
                    a6 = f.fma(y, a6);
                    b6 = g.fma(y, b6);
                    y = FloatVector.broadcast(S, x[c + 7]);
                    a7 = f.fma(y, a7);
                    b7 = g.fma(y, b7);
                    v = v.lanewise(LSHR, 8);
                    u = u.lanewise(LSHR, 8);
                    c += 8;
                }
            }
            int a = b * 4 * L;
            int i = 8 * (io + b);
            FloatVector rest = FloatVector.broadcast(S, init[i]);
            a0.add(rest).intoArray(acc[0], a);
            b0.add(rest).intoArray(acc[2], a);
            rest = FloatVector.broadcast(S, init[i + 1]);
            a1.add(rest).intoArray(acc[0], a + L);
            b1.add(rest).intoArray(acc[2], a + L);
            rest = FloatVector.broadcast(S, init[i + 2]);
            a2.add(rest).intoArray(acc[0], a + 2 * L);
            b2.add(rest).intoArray(acc[2], a + 2 * L);
            rest = FloatVector.broadcast(S, init[i + 3]);
            a3.add(rest).intoArray(acc[0], a + 3 * L);
            b3.add(rest).intoArray(acc[2], a + 3 * L);
            rest = FloatVector.broadcast(S, init[i + 4]);
            a4.add(rest).intoArray(acc[1], a);
            b4.add(rest).intoArray(acc[3], a);
            rest = FloatVector.broadcast(S, init[i + 5]);
            a5.add(rest).intoArray(acc[1], a + L);
            b5.add(rest).intoArray(acc[3], a + L);
            rest = FloatVector.broadcast(S, init[i + 6]);
            a6.add(rest).intoArray(acc[1], a + 2 * L);
            b6.add(rest).intoArray(acc[3], a + 2 * L);
            rest = FloatVector.broadcast(S, init[i + 7]);
            a7.add(rest).intoArray(acc[1], a + 3 * L);
            b7.add(rest).intoArray(acc[3], a + 3 * L);
        }
    }

    /** Sums over 6-bit codes. */
    public static void dot6(Plane plane, long o, long p, int blocks, float[] x, int xo, float[] init, int io, float[][] acc) {
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int unit = plane.unitShift();
        int gap = plane.scaleWords();
        IntVector code = IntVector.broadcast(I, Masks.CODE6[0]);
        IntVector two = IntVector.broadcast(I, Masks.CODE6[1]);
        IntVector one = IntVector.broadcast(I, Masks.ONE[0]);
        for (int b = 0; b < blocks; b++) {
            FloatVector a0 = FloatVector.zero(S);
            FloatVector a1 = FloatVector.zero(S);
            FloatVector a2 = FloatVector.zero(S);
            FloatVector a3 = FloatVector.zero(S);
            FloatVector a4 = FloatVector.zero(S);
            FloatVector a5 = FloatVector.zero(S);
            FloatVector a6 = FloatVector.zero(S);
            FloatVector a7 = FloatVector.zero(S);
            FloatVector b0 = FloatVector.zero(S);
            FloatVector b1 = FloatVector.zero(S);
            FloatVector b2 = FloatVector.zero(S);
            FloatVector b3 = FloatVector.zero(S);
            FloatVector b4 = FloatVector.zero(S);
            FloatVector b5 = FloatVector.zero(S);
            FloatVector b6 = FloatVector.zero(S);
            FloatVector b7 = FloatVector.zero(S);
            int gaps = (b >> unit) * gap;
            for (int j = b * words; j < (b + 1) * words; j++) {
                int c = 8 * (xo + 6 * j);
                IntVector v = IntVector.fromMemorySegment(I, w, o + (long) (j + gaps) * VECTOR, LE);
                IntVector u = IntVector.fromMemorySegment(I, w, p + (long) (j + gaps) * VECTOR, LE);
                for (int r = 0; r < 5; r++) {
                    FloatVector f = v.lanewise(LSHL, 17).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                    FloatVector g = u.lanewise(LSHL, 17).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                    FloatVector y = FloatVector.broadcast(S, x[c]);
                    a0 = f.fma(y, a0);
                    b0 = g.fma(y, b0);
                    y = FloatVector.broadcast(S, x[c + 1]);
                    a1 = f.fma(y, a1);
                    b1 = g.fma(y, b1);
                    y = FloatVector.broadcast(S, x[c + 2]);
                    a2 = f.fma(y, a2);
                    b2 = g.fma(y, b2);
                    y = FloatVector.broadcast(S, x[c + 3]);
                    a3 = f.fma(y, a3);
                    b3 = g.fma(y, b3);
                    y = FloatVector.broadcast(S, x[c + 4]);
                    a4 = f.fma(y, a4);
                    b4 = g.fma(y, b4);
                    y = FloatVector.broadcast(S, x[c + 5]);
                    a5 = f.fma(y, a5);
                    b5 = g.fma(y, b5);
                    y = FloatVector.broadcast(S, x[c + 6]);
                    a6 = f.fma(y, a6);
                    b6 = g.fma(y, b6);
                    y = FloatVector.broadcast(S, x[c + 7]);
                    a7 = f.fma(y, a7);
                    b7 = g.fma(y, b7);
                    v = v.lanewise(LSHR, 6);
                    u = u.lanewise(LSHR, 6);
                    c += 8;
                }
                FloatVector f = v.lanewise(LSHL, 21).lanewise(AND, two).lanewise(OR, one).reinterpretAsFloats();
                FloatVector g = u.lanewise(LSHL, 21).lanewise(AND, two).lanewise(OR, one).reinterpretAsFloats();
                FloatVector y = FloatVector.broadcast(S, x[c]);
                a0 = f.fma(y, a0);
                b0 = g.fma(y, b0);
                y = FloatVector.broadcast(S, x[c + 1]);
                a1 = f.fma(y, a1);
                b1 = g.fma(y, b1);
                y = FloatVector.broadcast(S, x[c + 2]);
                a2 = f.fma(y, a2);
                b2 = g.fma(y, b2);
                y = FloatVector.broadcast(S, x[c + 3]);
                a3 = f.fma(y, a3);
                b3 = g.fma(y, b3);
                y = FloatVector.broadcast(S, x[c + 4]);
                a4 = f.fma(y, a4);
                b4 = g.fma(y, b4);
                y = FloatVector.broadcast(S, x[c + 5]);
                a5 = f.fma(y, a5);
                b5 = g.fma(y, b5);
                y = FloatVector.broadcast(S, x[c + 6]);
                a6 = f.fma(y, a6);
                b6 = g.fma(y, b6);
                y = FloatVector.broadcast(S, x[c + 7]);
                a7 = f.fma(y, a7);
                b7 = g.fma(y, b7);
            }
            int a = b * 4 * L;
            int i = 8 * (io + b);
            FloatVector rest = FloatVector.broadcast(S, init[i]);
            a0.add(rest).intoArray(acc[0], a);
            b0.add(rest).intoArray(acc[2], a);
            rest = FloatVector.broadcast(S, init[i + 1]);
            a1.add(rest).intoArray(acc[0], a + L);
            b1.add(rest).intoArray(acc[2], a + L);
            rest = FloatVector.broadcast(S, init[i + 2]);
            a2.add(rest).intoArray(acc[0], a + 2 * L);
            b2.add(rest).intoArray(acc[2], a + 2 * L);
            rest = FloatVector.broadcast(S, init[i + 3]);
            a3.add(rest).intoArray(acc[0], a + 3 * L);
            b3.add(rest).intoArray(acc[2], a + 3 * L);
            rest = FloatVector.broadcast(S, init[i + 4]);
            a4.add(rest).intoArray(acc[1], a);
            b4.add(rest).intoArray(acc[3], a);
            rest = FloatVector.broadcast(S, init[i + 5]);
            a5.add(rest).intoArray(acc[1], a + L);
            b5.add(rest).intoArray(acc[3], a + L);
            rest = FloatVector.broadcast(S, init[i + 6]);
            a6.add(rest).intoArray(acc[1], a + 2 * L);
            b6.add(rest).intoArray(acc[3], a + 2 * L);
            rest = FloatVector.broadcast(S, init[i + 7]);
            a7.add(rest).intoArray(acc[1], a + 3 * L);
            b7.add(rest).intoArray(acc[3], a + 3 * L);
        }
    }

    /** Sums over 5-bit codes. */
    public static void dot5(Plane plane, long o, long p, int blocks, float[] x, int xo, float[] init, int io, float[][] acc) {
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int unit = plane.unitShift();
        int gap = plane.scaleWords();
        IntVector code = IntVector.broadcast(I, Masks.CODE5[0]);
        IntVector bit30 = IntVector.broadcast(I, Masks.CODE5[1]);
        IntVector bit31 = IntVector.broadcast(I, Masks.CODE5[2]);
        IntVector one = IntVector.broadcast(I, Masks.ONE[0]);
        for (int b = 0; b < blocks; b++) {
            FloatVector a0 = FloatVector.zero(S);
            FloatVector a1 = FloatVector.zero(S);
            FloatVector a2 = FloatVector.zero(S);
            FloatVector a3 = FloatVector.zero(S);
            FloatVector a4 = FloatVector.zero(S);
            FloatVector a5 = FloatVector.zero(S);
            FloatVector a6 = FloatVector.zero(S);
            FloatVector a7 = FloatVector.zero(S);
            FloatVector b0 = FloatVector.zero(S);
            FloatVector b1 = FloatVector.zero(S);
            FloatVector b2 = FloatVector.zero(S);
            FloatVector b3 = FloatVector.zero(S);
            FloatVector b4 = FloatVector.zero(S);
            FloatVector b5 = FloatVector.zero(S);
            FloatVector b6 = FloatVector.zero(S);
            FloatVector b7 = FloatVector.zero(S);
            int gaps = (b >> unit) * gap;
            for (int j = b * words; j < (b + 1) * words; j++) {
                int c = 8 * (xo + 8 * j);
                IntVector v = IntVector.fromMemorySegment(I, w, o + (long) (j + gaps) * VECTOR, LE);
                IntVector u = IntVector.fromMemorySegment(I, w, p + (long) (j + gaps) * VECTOR, LE);
                for (int r = 0; r < 6; r++) {
                    FloatVector f = v.lanewise(LSHL, 18).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                    FloatVector g = u.lanewise(LSHL, 18).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                    FloatVector y = FloatVector.broadcast(S, x[c]);
                    a0 = f.fma(y, a0);
                    b0 = g.fma(y, b0);
                    y = FloatVector.broadcast(S, x[c + 1]);
                    a1 = f.fma(y, a1);
                    b1 = g.fma(y, b1);
                    y = FloatVector.broadcast(S, x[c + 2]);
                    a2 = f.fma(y, a2);
                    b2 = g.fma(y, b2);
                    y = FloatVector.broadcast(S, x[c + 3]);
                    a3 = f.fma(y, a3);
                    b3 = g.fma(y, b3);
                    y = FloatVector.broadcast(S, x[c + 4]);
                    a4 = f.fma(y, a4);
                    b4 = g.fma(y, b4);
                    y = FloatVector.broadcast(S, x[c + 5]);
                    a5 = f.fma(y, a5);
                    b5 = g.fma(y, b5);
                    y = FloatVector.broadcast(S, x[c + 6]);
                    a6 = f.fma(y, a6);
                    b6 = g.fma(y, b6);
                    y = FloatVector.broadcast(S, x[c + 7]);
                    a7 = f.fma(y, a7);
                    b7 = g.fma(y, b7);
                    v = v.lanewise(LSHR, 5);
                    u = u.lanewise(LSHR, 5);
                    c += 8;
                }
                FloatVector f = v.lanewise(LSHL, 21).lanewise(AND, bit30).lanewise(OR, one).reinterpretAsFloats();
                FloatVector g = u.lanewise(LSHL, 21).lanewise(AND, bit30).lanewise(OR, one).reinterpretAsFloats();
                FloatVector y = FloatVector.broadcast(S, x[c]);
                a0 = f.fma(y, a0);
                b0 = g.fma(y, b0);
                y = FloatVector.broadcast(S, x[c + 1]);
                a1 = f.fma(y, a1);
                b1 = g.fma(y, b1);
                y = FloatVector.broadcast(S, x[c + 2]);
                a2 = f.fma(y, a2);
                b2 = g.fma(y, b2);
                y = FloatVector.broadcast(S, x[c + 3]);
                a3 = f.fma(y, a3);
                b3 = g.fma(y, b3);
                y = FloatVector.broadcast(S, x[c + 4]);
                a4 = f.fma(y, a4);
                b4 = g.fma(y, b4);
                y = FloatVector.broadcast(S, x[c + 5]);
                a5 = f.fma(y, a5);
                b5 = g.fma(y, b5);
                y = FloatVector.broadcast(S, x[c + 6]);
                a6 = f.fma(y, a6);
                b6 = g.fma(y, b6);
                y = FloatVector.broadcast(S, x[c + 7]);
                a7 = f.fma(y, a7);
                b7 = g.fma(y, b7);
                f = v.lanewise(LSHL, 21).lanewise(AND, bit31).lanewise(OR, one).reinterpretAsFloats();
                g = u.lanewise(LSHL, 21).lanewise(AND, bit31).lanewise(OR, one).reinterpretAsFloats();
                y = FloatVector.broadcast(S, x[c + 8]);
                a0 = f.fma(y, a0);
                b0 = g.fma(y, b0);
                y = FloatVector.broadcast(S, x[c + 9]);
                a1 = f.fma(y, a1);
                b1 = g.fma(y, b1);
                y = FloatVector.broadcast(S, x[c + 10]);
                a2 = f.fma(y, a2);
                b2 = g.fma(y, b2);
                y = FloatVector.broadcast(S, x[c + 11]);
                a3 = f.fma(y, a3);
                b3 = g.fma(y, b3);
                y = FloatVector.broadcast(S, x[c + 12]);
                a4 = f.fma(y, a4);
                b4 = g.fma(y, b4);
                y = FloatVector.broadcast(S, x[c + 13]);
                a5 = f.fma(y, a5);
                b5 = g.fma(y, b5);
                y = FloatVector.broadcast(S, x[c + 14]);
                a6 = f.fma(y, a6);
                b6 = g.fma(y, b6);
                y = FloatVector.broadcast(S, x[c + 15]);
                a7 = f.fma(y, a7);
                b7 = g.fma(y, b7);
            }
            int a = b * 4 * L;
            int i = 8 * (io + b);
            FloatVector rest = FloatVector.broadcast(S, init[i]);
            a0.add(rest).intoArray(acc[0], a);
            b0.add(rest).intoArray(acc[2], a);
            rest = FloatVector.broadcast(S, init[i + 1]);
            a1.add(rest).intoArray(acc[0], a + L);
            b1.add(rest).intoArray(acc[2], a + L);
            rest = FloatVector.broadcast(S, init[i + 2]);
            a2.add(rest).intoArray(acc[0], a + 2 * L);
            b2.add(rest).intoArray(acc[2], a + 2 * L);
            rest = FloatVector.broadcast(S, init[i + 3]);
            a3.add(rest).intoArray(acc[0], a + 3 * L);
            b3.add(rest).intoArray(acc[2], a + 3 * L);
            rest = FloatVector.broadcast(S, init[i + 4]);
            a4.add(rest).intoArray(acc[1], a);
            b4.add(rest).intoArray(acc[3], a);
            rest = FloatVector.broadcast(S, init[i + 5]);
            a5.add(rest).intoArray(acc[1], a + L);
            b5.add(rest).intoArray(acc[3], a + L);
            rest = FloatVector.broadcast(S, init[i + 6]);
            a6.add(rest).intoArray(acc[1], a + 2 * L);
            b6.add(rest).intoArray(acc[3], a + 2 * L);
            rest = FloatVector.broadcast(S, init[i + 7]);
            a7.add(rest).intoArray(acc[1], a + 3 * L);
            b7.add(rest).intoArray(acc[3], a + 3 * L);
        }
    }

    /** Sums over 4-bit codes. */
    public static void dot4(Plane plane, long o, long p, int blocks, float[] x, int xo, float[] init, int io, float[][] acc) {
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int unit = plane.unitShift();
        int gap = plane.scaleWords();
        IntVector code = IntVector.broadcast(I, Masks.CODE4[0]);
        IntVector one = IntVector.broadcast(I, Masks.ONE[0]);
        for (int b = 0; b < blocks; b++) {
            FloatVector a0 = FloatVector.zero(S);
            FloatVector a1 = FloatVector.zero(S);
            FloatVector a2 = FloatVector.zero(S);
            FloatVector a3 = FloatVector.zero(S);
            FloatVector a4 = FloatVector.zero(S);
            FloatVector a5 = FloatVector.zero(S);
            FloatVector a6 = FloatVector.zero(S);
            FloatVector a7 = FloatVector.zero(S);
            FloatVector b0 = FloatVector.zero(S);
            FloatVector b1 = FloatVector.zero(S);
            FloatVector b2 = FloatVector.zero(S);
            FloatVector b3 = FloatVector.zero(S);
            FloatVector b4 = FloatVector.zero(S);
            FloatVector b5 = FloatVector.zero(S);
            FloatVector b6 = FloatVector.zero(S);
            FloatVector b7 = FloatVector.zero(S);
            int gaps = (b >> unit) * gap;
            for (int j = b * words; j < (b + 1) * words; j++) {
                int c = 8 * (xo + 8 * j);
                IntVector v = IntVector.fromMemorySegment(I, w, o + (long) (j + gaps) * VECTOR, LE);
                IntVector u = IntVector.fromMemorySegment(I, w, p + (long) (j + gaps) * VECTOR, LE);
                for (int r = 0; r < 4; r++) {
                    FloatVector f = v.lanewise(LSHL, 19).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                    FloatVector g = u.lanewise(LSHL, 19).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                    FloatVector y = FloatVector.broadcast(S, x[c]);
                    a0 = f.fma(y, a0);
                    b0 = g.fma(y, b0);
                    y = FloatVector.broadcast(S, x[c + 1]);
                    a1 = f.fma(y, a1);
                    b1 = g.fma(y, b1);
                    y = FloatVector.broadcast(S, x[c + 2]);
                    a2 = f.fma(y, a2);
                    b2 = g.fma(y, b2);
                    y = FloatVector.broadcast(S, x[c + 3]);
                    a3 = f.fma(y, a3);
                    b3 = g.fma(y, b3);
                    y = FloatVector.broadcast(S, x[c + 4]);
                    a4 = f.fma(y, a4);
                    b4 = g.fma(y, b4);
                    y = FloatVector.broadcast(S, x[c + 5]);
                    a5 = f.fma(y, a5);
                    b5 = g.fma(y, b5);
                    y = FloatVector.broadcast(S, x[c + 6]);
                    a6 = f.fma(y, a6);
                    b6 = g.fma(y, b6);
                    y = FloatVector.broadcast(S, x[c + 7]);
                    a7 = f.fma(y, a7);
                    b7 = g.fma(y, b7);
                    f = v.lanewise(LSHL, 15).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                    g = u.lanewise(LSHL, 15).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                    y = FloatVector.broadcast(S, x[c + 8]);
                    a0 = f.fma(y, a0);
                    b0 = g.fma(y, b0);
                    y = FloatVector.broadcast(S, x[c + 9]);
                    a1 = f.fma(y, a1);
                    b1 = g.fma(y, b1);
                    y = FloatVector.broadcast(S, x[c + 10]);
                    a2 = f.fma(y, a2);
                    b2 = g.fma(y, b2);
                    y = FloatVector.broadcast(S, x[c + 11]);
                    a3 = f.fma(y, a3);
                    b3 = g.fma(y, b3);
                    y = FloatVector.broadcast(S, x[c + 12]);
                    a4 = f.fma(y, a4);
                    b4 = g.fma(y, b4);
                    y = FloatVector.broadcast(S, x[c + 13]);
                    a5 = f.fma(y, a5);
                    b5 = g.fma(y, b5);
                    y = FloatVector.broadcast(S, x[c + 14]);
                    a6 = f.fma(y, a6);
                    b6 = g.fma(y, b6);
                    y = FloatVector.broadcast(S, x[c + 15]);
                    a7 = f.fma(y, a7);
                    b7 = g.fma(y, b7);
                    v = v.lanewise(LSHR, 8);
                    u = u.lanewise(LSHR, 8);
                    c += 16;
                }
            }
            int a = b * 4 * L;
            int i = 8 * (io + b);
            FloatVector rest = FloatVector.broadcast(S, init[i]);
            a0.add(rest).intoArray(acc[0], a);
            b0.add(rest).intoArray(acc[2], a);
            rest = FloatVector.broadcast(S, init[i + 1]);
            a1.add(rest).intoArray(acc[0], a + L);
            b1.add(rest).intoArray(acc[2], a + L);
            rest = FloatVector.broadcast(S, init[i + 2]);
            a2.add(rest).intoArray(acc[0], a + 2 * L);
            b2.add(rest).intoArray(acc[2], a + 2 * L);
            rest = FloatVector.broadcast(S, init[i + 3]);
            a3.add(rest).intoArray(acc[0], a + 3 * L);
            b3.add(rest).intoArray(acc[2], a + 3 * L);
            rest = FloatVector.broadcast(S, init[i + 4]);
            a4.add(rest).intoArray(acc[1], a);
            b4.add(rest).intoArray(acc[3], a);
            rest = FloatVector.broadcast(S, init[i + 5]);
            a5.add(rest).intoArray(acc[1], a + L);
            b5.add(rest).intoArray(acc[3], a + L);
            rest = FloatVector.broadcast(S, init[i + 6]);
            a6.add(rest).intoArray(acc[1], a + 2 * L);
            b6.add(rest).intoArray(acc[3], a + 2 * L);
            rest = FloatVector.broadcast(S, init[i + 7]);
            a7.add(rest).intoArray(acc[1], a + 3 * L);
            b7.add(rest).intoArray(acc[3], a + 3 * L);
        }
    }

    /** Sums over 2-bit codes. */
    public static void dot2(Plane plane, long o, long p, int blocks, float[] x, int xo, float[] init, int io, float[][] acc) {
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int unit = plane.unitShift();
        int gap = plane.scaleWords();
        IntVector low = IntVector.broadcast(I, Masks.CODE2[0]);
        IntVector high = IntVector.broadcast(I, Masks.CODE2[1]);
        IntVector one = IntVector.broadcast(I, Masks.ONE[0]);
        for (int b = 0; b < blocks; b++) {
            FloatVector a0 = FloatVector.zero(S);
            FloatVector a1 = FloatVector.zero(S);
            FloatVector a2 = FloatVector.zero(S);
            FloatVector a3 = FloatVector.zero(S);
            FloatVector a4 = FloatVector.zero(S);
            FloatVector a5 = FloatVector.zero(S);
            FloatVector a6 = FloatVector.zero(S);
            FloatVector a7 = FloatVector.zero(S);
            FloatVector b0 = FloatVector.zero(S);
            FloatVector b1 = FloatVector.zero(S);
            FloatVector b2 = FloatVector.zero(S);
            FloatVector b3 = FloatVector.zero(S);
            FloatVector b4 = FloatVector.zero(S);
            FloatVector b5 = FloatVector.zero(S);
            FloatVector b6 = FloatVector.zero(S);
            FloatVector b7 = FloatVector.zero(S);
            int gaps = (b >> unit) * gap;
            for (int j = b * words; j < (b + 1) * words; j++) {
                int c = 8 * (xo + 16 * j);
                IntVector v = IntVector.fromMemorySegment(I, w, o + (long) (j + gaps) * VECTOR, LE);
                IntVector u = IntVector.fromMemorySegment(I, w, p + (long) (j + gaps) * VECTOR, LE);
                for (int r = 0; r < 8; r++) {
                    FloatVector f = v.lanewise(LSHL, 19).lanewise(AND, low).lanewise(OR, one).reinterpretAsFloats();
                    FloatVector g = u.lanewise(LSHL, 19).lanewise(AND, low).lanewise(OR, one).reinterpretAsFloats();
                    FloatVector y = FloatVector.broadcast(S, x[c]);
                    a0 = f.fma(y, a0);
                    b0 = g.fma(y, b0);
                    y = FloatVector.broadcast(S, x[c + 1]);
                    a1 = f.fma(y, a1);
                    b1 = g.fma(y, b1);
                    y = FloatVector.broadcast(S, x[c + 2]);
                    a2 = f.fma(y, a2);
                    b2 = g.fma(y, b2);
                    y = FloatVector.broadcast(S, x[c + 3]);
                    a3 = f.fma(y, a3);
                    b3 = g.fma(y, b3);
                    y = FloatVector.broadcast(S, x[c + 4]);
                    a4 = f.fma(y, a4);
                    b4 = g.fma(y, b4);
                    y = FloatVector.broadcast(S, x[c + 5]);
                    a5 = f.fma(y, a5);
                    b5 = g.fma(y, b5);
                    y = FloatVector.broadcast(S, x[c + 6]);
                    a6 = f.fma(y, a6);
                    b6 = g.fma(y, b6);
                    y = FloatVector.broadcast(S, x[c + 7]);
                    a7 = f.fma(y, a7);
                    b7 = g.fma(y, b7);
                    f = v.lanewise(LSHL, 19).lanewise(AND, high).lanewise(OR, one).reinterpretAsFloats();
                    g = u.lanewise(LSHL, 19).lanewise(AND, high).lanewise(OR, one).reinterpretAsFloats();
                    y = FloatVector.broadcast(S, x[c + 8]);
                    a0 = f.fma(y, a0);
                    b0 = g.fma(y, b0);
                    y = FloatVector.broadcast(S, x[c + 9]);
                    a1 = f.fma(y, a1);
                    b1 = g.fma(y, b1);
                    y = FloatVector.broadcast(S, x[c + 10]);
                    a2 = f.fma(y, a2);
                    b2 = g.fma(y, b2);
                    y = FloatVector.broadcast(S, x[c + 11]);
                    a3 = f.fma(y, a3);
                    b3 = g.fma(y, b3);
                    y = FloatVector.broadcast(S, x[c + 12]);
                    a4 = f.fma(y, a4);
                    b4 = g.fma(y, b4);
                    y = FloatVector.broadcast(S, x[c + 13]);
                    a5 = f.fma(y, a5);
                    b5 = g.fma(y, b5);
                    y = FloatVector.broadcast(S, x[c + 14]);
                    a6 = f.fma(y, a6);
                    b6 = g.fma(y, b6);
                    y = FloatVector.broadcast(S, x[c + 15]);
                    a7 = f.fma(y, a7);
                    b7 = g.fma(y, b7);
                    v = v.lanewise(LSHR, 4);
                    u = u.lanewise(LSHR, 4);
                    c += 16;
                }
            }
            int a = b * 4 * L;
            int i = 8 * (io + b);
            FloatVector rest = FloatVector.broadcast(S, init[i]);
            a0.add(rest).intoArray(acc[0], a);
            b0.add(rest).intoArray(acc[2], a);
            rest = FloatVector.broadcast(S, init[i + 1]);
            a1.add(rest).intoArray(acc[0], a + L);
            b1.add(rest).intoArray(acc[2], a + L);
            rest = FloatVector.broadcast(S, init[i + 2]);
            a2.add(rest).intoArray(acc[0], a + 2 * L);
            b2.add(rest).intoArray(acc[2], a + 2 * L);
            rest = FloatVector.broadcast(S, init[i + 3]);
            a3.add(rest).intoArray(acc[0], a + 3 * L);
            b3.add(rest).intoArray(acc[2], a + 3 * L);
            rest = FloatVector.broadcast(S, init[i + 4]);
            a4.add(rest).intoArray(acc[1], a);
            b4.add(rest).intoArray(acc[3], a);
            rest = FloatVector.broadcast(S, init[i + 5]);
            a5.add(rest).intoArray(acc[1], a + L);
            b5.add(rest).intoArray(acc[3], a + L);
            rest = FloatVector.broadcast(S, init[i + 6]);
            a6.add(rest).intoArray(acc[1], a + 2 * L);
            b6.add(rest).intoArray(acc[3], a + 2 * L);
            rest = FloatVector.broadcast(S, init[i + 7]);
            a7.add(rest).intoArray(acc[1], a + 3 * L);
            b7.add(rest).intoArray(acc[3], a + 3 * L);
        }
    }

    /** Sums over the table values of 4-bit codes. */
    public static void dotTable4(Plane plane, long o, long p, int blocks, float[] x, int xo, float[] init, int io, float[][] acc, int[] table) {
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int unit = plane.unitShift();
        int gap = plane.scaleWords();
        IntVector low = IntVector.broadcast(I, 15);
        for (int b = 0; b < blocks; b++) {
            FloatVector a0 = FloatVector.zero(S);
            FloatVector a1 = FloatVector.zero(S);
            FloatVector a2 = FloatVector.zero(S);
            FloatVector a3 = FloatVector.zero(S);
            FloatVector a4 = FloatVector.zero(S);
            FloatVector a5 = FloatVector.zero(S);
            FloatVector a6 = FloatVector.zero(S);
            FloatVector a7 = FloatVector.zero(S);
            FloatVector b0 = FloatVector.zero(S);
            FloatVector b1 = FloatVector.zero(S);
            FloatVector b2 = FloatVector.zero(S);
            FloatVector b3 = FloatVector.zero(S);
            FloatVector b4 = FloatVector.zero(S);
            FloatVector b5 = FloatVector.zero(S);
            FloatVector b6 = FloatVector.zero(S);
            FloatVector b7 = FloatVector.zero(S);
            int gaps = (b >> unit) * gap;
            for (int j = b * words; j < (b + 1) * words; j++) {
                int c = 8 * (xo + 8 * j);
                IntVector v = IntVector.fromMemorySegment(I, w, o + (long) (j + gaps) * VECTOR, LE);
                IntVector u = IntVector.fromMemorySegment(I, w, p + (long) (j + gaps) * VECTOR, LE);
                for (int r = 0; r < 8; r++) {
                    FloatVector f = PackedPanel.look(v.lanewise(AND, low), table).reinterpretAsFloats();
                    FloatVector g = PackedPanel.look(u.lanewise(AND, low), table).reinterpretAsFloats();
                    FloatVector y = FloatVector.broadcast(S, x[c]);
                    a0 = f.fma(y, a0);
                    b0 = g.fma(y, b0);
                    y = FloatVector.broadcast(S, x[c + 1]);
                    a1 = f.fma(y, a1);
                    b1 = g.fma(y, b1);
                    y = FloatVector.broadcast(S, x[c + 2]);
                    a2 = f.fma(y, a2);
                    b2 = g.fma(y, b2);
                    y = FloatVector.broadcast(S, x[c + 3]);
                    a3 = f.fma(y, a3);
                    b3 = g.fma(y, b3);
                    y = FloatVector.broadcast(S, x[c + 4]);
                    a4 = f.fma(y, a4);
                    b4 = g.fma(y, b4);
                    y = FloatVector.broadcast(S, x[c + 5]);
                    a5 = f.fma(y, a5);
                    b5 = g.fma(y, b5);
                    y = FloatVector.broadcast(S, x[c + 6]);
                    a6 = f.fma(y, a6);
                    b6 = g.fma(y, b6);
                    y = FloatVector.broadcast(S, x[c + 7]);
                    a7 = f.fma(y, a7);
                    b7 = g.fma(y, b7);
                    v = v.lanewise(LSHR, 4);
                    u = u.lanewise(LSHR, 4);
                    c += 8;
                }
            }
            int a = b * 4 * L;
            int i = 8 * (io + b);
            FloatVector rest = FloatVector.broadcast(S, init[i]);
            a0.add(rest).intoArray(acc[0], a);
            b0.add(rest).intoArray(acc[2], a);
            rest = FloatVector.broadcast(S, init[i + 1]);
            a1.add(rest).intoArray(acc[0], a + L);
            b1.add(rest).intoArray(acc[2], a + L);
            rest = FloatVector.broadcast(S, init[i + 2]);
            a2.add(rest).intoArray(acc[0], a + 2 * L);
            b2.add(rest).intoArray(acc[2], a + 2 * L);
            rest = FloatVector.broadcast(S, init[i + 3]);
            a3.add(rest).intoArray(acc[0], a + 3 * L);
            b3.add(rest).intoArray(acc[2], a + 3 * L);
            rest = FloatVector.broadcast(S, init[i + 4]);
            a4.add(rest).intoArray(acc[1], a);
            b4.add(rest).intoArray(acc[3], a);
            rest = FloatVector.broadcast(S, init[i + 5]);
            a5.add(rest).intoArray(acc[1], a + L);
            b5.add(rest).intoArray(acc[3], a + L);
            rest = FloatVector.broadcast(S, init[i + 6]);
            a6.add(rest).intoArray(acc[1], a + 2 * L);
            b6.add(rest).intoArray(acc[3], a + 2 * L);
            rest = FloatVector.broadcast(S, init[i + 7]);
            a7.add(rest).intoArray(acc[1], a + 3 * L);
            b7.add(rest).intoArray(acc[3], a + 3 * L);
        }
    }
    // spotless:on
}
