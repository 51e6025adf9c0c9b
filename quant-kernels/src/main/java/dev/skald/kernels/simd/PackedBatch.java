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
 * Products of packed matrices with four rows of activations: four groups of rows, each code of which is made a float once.
 *
 * <p>This is {@link PackedDot} for several tokens: the activations are {@code x[field][4 tokens]},
 * {@code init[block][4 tokens]} is added, and the sums end in {@code acc[group][block][4 tokens][lanes]}, so that
 * {@link PackedScales} goes on with those of each group in the same way.
 */
public final class PackedBatch {
    /** Tokens that are multiplied together. */
    public static final int TOKENS = 4;

    private static final int L = PackedDot.L;
    private static final VectorSpecies<Float> S = VectorKernels.S;
    private static final VectorSpecies<Integer> I = VectorKernels.I;
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final int VECTOR = 4 * L;

    private PackedBatch() {}

    // A line a product, so that a kernel can be read at a glance.
    // spotless:off

    /** Sums over 8-bit codes. */
    public static void dot8(Plane plane, long[] o, int blocks, float[] x, int xo, float[] init, int io, float[][] acc) {
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
            FloatVector a0 = FloatVector.zero(S);
            FloatVector a1 = FloatVector.zero(S);
            FloatVector a2 = FloatVector.zero(S);
            FloatVector a3 = FloatVector.zero(S);
            FloatVector b0 = FloatVector.zero(S);
            FloatVector b1 = FloatVector.zero(S);
            FloatVector b2 = FloatVector.zero(S);
            FloatVector b3 = FloatVector.zero(S);
            FloatVector d0 = FloatVector.zero(S);
            FloatVector d1 = FloatVector.zero(S);
            FloatVector d2 = FloatVector.zero(S);
            FloatVector d3 = FloatVector.zero(S);
            FloatVector e0 = FloatVector.zero(S);
            FloatVector e1 = FloatVector.zero(S);
            FloatVector e2 = FloatVector.zero(S);
            FloatVector e3 = FloatVector.zero(S);
            int gaps = (b >> unit) * gap;
            for (int j = b * words; j < (b + 1) * words; j++) {
                long at = (long) (j + gaps) * VECTOR;
                int c = 4 * (xo + 4 * j);
                IntVector w0 = IntVector.fromMemorySegment(I, w, o0 + at, LE);
                IntVector w1 = IntVector.fromMemorySegment(I, w, o1 + at, LE);
                IntVector w2 = IntVector.fromMemorySegment(I, w, o2 + at, LE);
                IntVector w3 = IntVector.fromMemorySegment(I, w, o3 + at, LE);
                for (int r = 0; r < 4; r++) {
                    FloatVector f0 = w0.lanewise(LSHL, 15).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                    FloatVector f1 = w1.lanewise(LSHL, 15).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                    FloatVector f2 = w2.lanewise(LSHL, 15).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                    FloatVector f3 = w3.lanewise(LSHL, 15).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                    FloatVector y = FloatVector.broadcast(S, x[c]);
                    a0 = f0.fma(y, a0);
                    b0 = f1.fma(y, b0);
                    d0 = f2.fma(y, d0);
                    e0 = f3.fma(y, e0);
                    y = FloatVector.broadcast(S, x[c + 1]);
                    a1 = f0.fma(y, a1);
                    b1 = f1.fma(y, b1);
                    d1 = f2.fma(y, d1);
                    e1 = f3.fma(y, e1);
                    y = FloatVector.broadcast(S, x[c + 2]);
                    a2 = f0.fma(y, a2);
                    b2 = f1.fma(y, b2);
                    d2 = f2.fma(y, d2);
                    e2 = f3.fma(y, e2);
                    y = FloatVector.broadcast(S, x[c + 3]);
                    a3 = f0.fma(y, a3);
                    b3 = f1.fma(y, b3);
                    d3 = f2.fma(y, d3);
                    e3 = f3.fma(y, e3);
                    w0 = w0.lanewise(LSHR, 8);
                    w1 = w1.lanewise(LSHR, 8);
                    w2 = w2.lanewise(LSHR, 8);
                    w3 = w3.lanewise(LSHR, 8);
                    c += 4;
                }
            }
            int a = b * 4 * L;
            int i = 4 * (io + b);
            FloatVector rest = FloatVector.broadcast(S, init[i]);
            a0.add(rest).intoArray(acc[0], a);
            b0.add(rest).intoArray(acc[1], a);
            d0.add(rest).intoArray(acc[2], a);
            e0.add(rest).intoArray(acc[3], a);
            rest = FloatVector.broadcast(S, init[i + 1]);
            a1.add(rest).intoArray(acc[0], a + L);
            b1.add(rest).intoArray(acc[1], a + L);
            d1.add(rest).intoArray(acc[2], a + L);
            e1.add(rest).intoArray(acc[3], a + L);
            rest = FloatVector.broadcast(S, init[i + 2]);
            a2.add(rest).intoArray(acc[0], a + 2 * L);
            b2.add(rest).intoArray(acc[1], a + 2 * L);
            d2.add(rest).intoArray(acc[2], a + 2 * L);
            e2.add(rest).intoArray(acc[3], a + 2 * L);
            rest = FloatVector.broadcast(S, init[i + 3]);
            a3.add(rest).intoArray(acc[0], a + 3 * L);
            b3.add(rest).intoArray(acc[1], a + 3 * L);
            d3.add(rest).intoArray(acc[2], a + 3 * L);
            e3.add(rest).intoArray(acc[3], a + 3 * L);
        }
    }

    /** Sums over 6-bit codes. */
    public static void dot6(Plane plane, long[] o, int blocks, float[] x, int xo, float[] init, int io, float[][] acc) {
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
            FloatVector a0 = FloatVector.zero(S);
            FloatVector a1 = FloatVector.zero(S);
            FloatVector a2 = FloatVector.zero(S);
            FloatVector a3 = FloatVector.zero(S);
            FloatVector b0 = FloatVector.zero(S);
            FloatVector b1 = FloatVector.zero(S);
            FloatVector b2 = FloatVector.zero(S);
            FloatVector b3 = FloatVector.zero(S);
            FloatVector d0 = FloatVector.zero(S);
            FloatVector d1 = FloatVector.zero(S);
            FloatVector d2 = FloatVector.zero(S);
            FloatVector d3 = FloatVector.zero(S);
            FloatVector e0 = FloatVector.zero(S);
            FloatVector e1 = FloatVector.zero(S);
            FloatVector e2 = FloatVector.zero(S);
            FloatVector e3 = FloatVector.zero(S);
            int gaps = (b >> unit) * gap;
            for (int j = b * words; j < (b + 1) * words; j++) {
                long at = (long) (j + gaps) * VECTOR;
                int c = 4 * (xo + 6 * j);
                IntVector w0 = IntVector.fromMemorySegment(I, w, o0 + at, LE);
                IntVector w1 = IntVector.fromMemorySegment(I, w, o1 + at, LE);
                IntVector w2 = IntVector.fromMemorySegment(I, w, o2 + at, LE);
                IntVector w3 = IntVector.fromMemorySegment(I, w, o3 + at, LE);
                for (int r = 0; r < 5; r++) {
                    FloatVector f0 = w0.lanewise(LSHL, 17).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                    FloatVector f1 = w1.lanewise(LSHL, 17).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                    FloatVector f2 = w2.lanewise(LSHL, 17).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                    FloatVector f3 = w3.lanewise(LSHL, 17).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                    FloatVector y = FloatVector.broadcast(S, x[c]);
                    a0 = f0.fma(y, a0);
                    b0 = f1.fma(y, b0);
                    d0 = f2.fma(y, d0);
                    e0 = f3.fma(y, e0);
                    y = FloatVector.broadcast(S, x[c + 1]);
                    a1 = f0.fma(y, a1);
                    b1 = f1.fma(y, b1);
                    d1 = f2.fma(y, d1);
                    e1 = f3.fma(y, e1);
                    y = FloatVector.broadcast(S, x[c + 2]);
                    a2 = f0.fma(y, a2);
                    b2 = f1.fma(y, b2);
                    d2 = f2.fma(y, d2);
                    e2 = f3.fma(y, e2);
                    y = FloatVector.broadcast(S, x[c + 3]);
                    a3 = f0.fma(y, a3);
                    b3 = f1.fma(y, b3);
                    d3 = f2.fma(y, d3);
                    e3 = f3.fma(y, e3);
                    w0 = w0.lanewise(LSHR, 6);
                    w1 = w1.lanewise(LSHR, 6);
                    w2 = w2.lanewise(LSHR, 6);
                    w3 = w3.lanewise(LSHR, 6);
                    c += 4;
                }
                FloatVector f0 = w0.lanewise(LSHL, 21).lanewise(AND, two).lanewise(OR, one).reinterpretAsFloats();
                FloatVector f1 = w1.lanewise(LSHL, 21).lanewise(AND, two).lanewise(OR, one).reinterpretAsFloats();
                FloatVector f2 = w2.lanewise(LSHL, 21).lanewise(AND, two).lanewise(OR, one).reinterpretAsFloats();
                FloatVector f3 = w3.lanewise(LSHL, 21).lanewise(AND, two).lanewise(OR, one).reinterpretAsFloats();
                FloatVector y = FloatVector.broadcast(S, x[c]);
                a0 = f0.fma(y, a0);
                b0 = f1.fma(y, b0);
                d0 = f2.fma(y, d0);
                e0 = f3.fma(y, e0);
                y = FloatVector.broadcast(S, x[c + 1]);
                a1 = f0.fma(y, a1);
                b1 = f1.fma(y, b1);
                d1 = f2.fma(y, d1);
                e1 = f3.fma(y, e1);
                y = FloatVector.broadcast(S, x[c + 2]);
                a2 = f0.fma(y, a2);
                b2 = f1.fma(y, b2);
                d2 = f2.fma(y, d2);
                e2 = f3.fma(y, e2);
                y = FloatVector.broadcast(S, x[c + 3]);
                a3 = f0.fma(y, a3);
                b3 = f1.fma(y, b3);
                d3 = f2.fma(y, d3);
                e3 = f3.fma(y, e3);
            }
            int a = b * 4 * L;
            int i = 4 * (io + b);
            FloatVector rest = FloatVector.broadcast(S, init[i]);
            a0.add(rest).intoArray(acc[0], a);
            b0.add(rest).intoArray(acc[1], a);
            d0.add(rest).intoArray(acc[2], a);
            e0.add(rest).intoArray(acc[3], a);
            rest = FloatVector.broadcast(S, init[i + 1]);
            a1.add(rest).intoArray(acc[0], a + L);
            b1.add(rest).intoArray(acc[1], a + L);
            d1.add(rest).intoArray(acc[2], a + L);
            e1.add(rest).intoArray(acc[3], a + L);
            rest = FloatVector.broadcast(S, init[i + 2]);
            a2.add(rest).intoArray(acc[0], a + 2 * L);
            b2.add(rest).intoArray(acc[1], a + 2 * L);
            d2.add(rest).intoArray(acc[2], a + 2 * L);
            e2.add(rest).intoArray(acc[3], a + 2 * L);
            rest = FloatVector.broadcast(S, init[i + 3]);
            a3.add(rest).intoArray(acc[0], a + 3 * L);
            b3.add(rest).intoArray(acc[1], a + 3 * L);
            d3.add(rest).intoArray(acc[2], a + 3 * L);
            e3.add(rest).intoArray(acc[3], a + 3 * L);
        }
    }

    /** Sums over 5-bit codes. */
    public static void dot5(Plane plane, long[] o, int blocks, float[] x, int xo, float[] init, int io, float[][] acc) {
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
            FloatVector a0 = FloatVector.zero(S);
            FloatVector a1 = FloatVector.zero(S);
            FloatVector a2 = FloatVector.zero(S);
            FloatVector a3 = FloatVector.zero(S);
            FloatVector b0 = FloatVector.zero(S);
            FloatVector b1 = FloatVector.zero(S);
            FloatVector b2 = FloatVector.zero(S);
            FloatVector b3 = FloatVector.zero(S);
            FloatVector d0 = FloatVector.zero(S);
            FloatVector d1 = FloatVector.zero(S);
            FloatVector d2 = FloatVector.zero(S);
            FloatVector d3 = FloatVector.zero(S);
            FloatVector e0 = FloatVector.zero(S);
            FloatVector e1 = FloatVector.zero(S);
            FloatVector e2 = FloatVector.zero(S);
            FloatVector e3 = FloatVector.zero(S);
            int gaps = (b >> unit) * gap;
            for (int j = b * words; j < (b + 1) * words; j++) {
                long at = (long) (j + gaps) * VECTOR;
                int c = 4 * (xo + 8 * j);
                IntVector w0 = IntVector.fromMemorySegment(I, w, o0 + at, LE);
                IntVector w1 = IntVector.fromMemorySegment(I, w, o1 + at, LE);
                IntVector w2 = IntVector.fromMemorySegment(I, w, o2 + at, LE);
                IntVector w3 = IntVector.fromMemorySegment(I, w, o3 + at, LE);
                for (int r = 0; r < 6; r++) {
                    FloatVector f0 = w0.lanewise(LSHL, 18).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                    FloatVector f1 = w1.lanewise(LSHL, 18).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                    FloatVector f2 = w2.lanewise(LSHL, 18).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                    FloatVector f3 = w3.lanewise(LSHL, 18).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                    FloatVector y = FloatVector.broadcast(S, x[c]);
                    a0 = f0.fma(y, a0);
                    b0 = f1.fma(y, b0);
                    d0 = f2.fma(y, d0);
                    e0 = f3.fma(y, e0);
                    y = FloatVector.broadcast(S, x[c + 1]);
                    a1 = f0.fma(y, a1);
                    b1 = f1.fma(y, b1);
                    d1 = f2.fma(y, d1);
                    e1 = f3.fma(y, e1);
                    y = FloatVector.broadcast(S, x[c + 2]);
                    a2 = f0.fma(y, a2);
                    b2 = f1.fma(y, b2);
                    d2 = f2.fma(y, d2);
                    e2 = f3.fma(y, e2);
                    y = FloatVector.broadcast(S, x[c + 3]);
                    a3 = f0.fma(y, a3);
                    b3 = f1.fma(y, b3);
                    d3 = f2.fma(y, d3);
                    e3 = f3.fma(y, e3);
                    w0 = w0.lanewise(LSHR, 5);
                    w1 = w1.lanewise(LSHR, 5);
                    w2 = w2.lanewise(LSHR, 5);
                    w3 = w3.lanewise(LSHR, 5);
                    c += 4;
                }
                FloatVector f0 = w0.lanewise(LSHL, 21).lanewise(AND, bit30).lanewise(OR, one).reinterpretAsFloats();
                FloatVector f1 = w1.lanewise(LSHL, 21).lanewise(AND, bit30).lanewise(OR, one).reinterpretAsFloats();
                FloatVector f2 = w2.lanewise(LSHL, 21).lanewise(AND, bit30).lanewise(OR, one).reinterpretAsFloats();
                FloatVector f3 = w3.lanewise(LSHL, 21).lanewise(AND, bit30).lanewise(OR, one).reinterpretAsFloats();
                FloatVector y = FloatVector.broadcast(S, x[c]);
                a0 = f0.fma(y, a0);
                b0 = f1.fma(y, b0);
                d0 = f2.fma(y, d0);
                e0 = f3.fma(y, e0);
                y = FloatVector.broadcast(S, x[c + 1]);
                a1 = f0.fma(y, a1);
                b1 = f1.fma(y, b1);
                d1 = f2.fma(y, d1);
                e1 = f3.fma(y, e1);
                y = FloatVector.broadcast(S, x[c + 2]);
                a2 = f0.fma(y, a2);
                b2 = f1.fma(y, b2);
                d2 = f2.fma(y, d2);
                e2 = f3.fma(y, e2);
                y = FloatVector.broadcast(S, x[c + 3]);
                a3 = f0.fma(y, a3);
                b3 = f1.fma(y, b3);
                d3 = f2.fma(y, d3);
                e3 = f3.fma(y, e3);
                f0 = w0.lanewise(LSHL, 21).lanewise(AND, bit31).lanewise(OR, one).reinterpretAsFloats();
                f1 = w1.lanewise(LSHL, 21).lanewise(AND, bit31).lanewise(OR, one).reinterpretAsFloats();
                f2 = w2.lanewise(LSHL, 21).lanewise(AND, bit31).lanewise(OR, one).reinterpretAsFloats();
                f3 = w3.lanewise(LSHL, 21).lanewise(AND, bit31).lanewise(OR, one).reinterpretAsFloats();
                y = FloatVector.broadcast(S, x[c + 4]);
                a0 = f0.fma(y, a0);
                b0 = f1.fma(y, b0);
                d0 = f2.fma(y, d0);
                e0 = f3.fma(y, e0);
                y = FloatVector.broadcast(S, x[c + 5]);
                a1 = f0.fma(y, a1);
                b1 = f1.fma(y, b1);
                d1 = f2.fma(y, d1);
                e1 = f3.fma(y, e1);
                y = FloatVector.broadcast(S, x[c + 6]);
                a2 = f0.fma(y, a2);
                b2 = f1.fma(y, b2);
                d2 = f2.fma(y, d2);
                e2 = f3.fma(y, e2);
                y = FloatVector.broadcast(S, x[c + 7]);
                a3 = f0.fma(y, a3);
                b3 = f1.fma(y, b3);
                d3 = f2.fma(y, d3);
                e3 = f3.fma(y, e3);
            }
            int a = b * 4 * L;
            int i = 4 * (io + b);
            FloatVector rest = FloatVector.broadcast(S, init[i]);
            a0.add(rest).intoArray(acc[0], a);
            b0.add(rest).intoArray(acc[1], a);
            d0.add(rest).intoArray(acc[2], a);
            e0.add(rest).intoArray(acc[3], a);
            rest = FloatVector.broadcast(S, init[i + 1]);
            a1.add(rest).intoArray(acc[0], a + L);
            b1.add(rest).intoArray(acc[1], a + L);
            d1.add(rest).intoArray(acc[2], a + L);
            e1.add(rest).intoArray(acc[3], a + L);
            rest = FloatVector.broadcast(S, init[i + 2]);
            a2.add(rest).intoArray(acc[0], a + 2 * L);
            b2.add(rest).intoArray(acc[1], a + 2 * L);
            d2.add(rest).intoArray(acc[2], a + 2 * L);
            e2.add(rest).intoArray(acc[3], a + 2 * L);
            rest = FloatVector.broadcast(S, init[i + 3]);
            a3.add(rest).intoArray(acc[0], a + 3 * L);
            b3.add(rest).intoArray(acc[1], a + 3 * L);
            d3.add(rest).intoArray(acc[2], a + 3 * L);
            e3.add(rest).intoArray(acc[3], a + 3 * L);
        }
    }

    /** Sums over 4-bit codes. */
    public static void dot4(Plane plane, long[] o, int blocks, float[] x, int xo, float[] init, int io, float[][] acc) {
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
            FloatVector a0 = FloatVector.zero(S);
            FloatVector a1 = FloatVector.zero(S);
            FloatVector a2 = FloatVector.zero(S);
            FloatVector a3 = FloatVector.zero(S);
            FloatVector b0 = FloatVector.zero(S);
            FloatVector b1 = FloatVector.zero(S);
            FloatVector b2 = FloatVector.zero(S);
            FloatVector b3 = FloatVector.zero(S);
            FloatVector d0 = FloatVector.zero(S);
            FloatVector d1 = FloatVector.zero(S);
            FloatVector d2 = FloatVector.zero(S);
            FloatVector d3 = FloatVector.zero(S);
            FloatVector e0 = FloatVector.zero(S);
            FloatVector e1 = FloatVector.zero(S);
            FloatVector e2 = FloatVector.zero(S);
            FloatVector e3 = FloatVector.zero(S);
            int gaps = (b >> unit) * gap;
            for (int j = b * words; j < (b + 1) * words; j++) {
                long at = (long) (j + gaps) * VECTOR;
                int c = 4 * (xo + 8 * j);
                IntVector w0 = IntVector.fromMemorySegment(I, w, o0 + at, LE);
                IntVector w1 = IntVector.fromMemorySegment(I, w, o1 + at, LE);
                IntVector w2 = IntVector.fromMemorySegment(I, w, o2 + at, LE);
                IntVector w3 = IntVector.fromMemorySegment(I, w, o3 + at, LE);
                for (int r = 0; r < 8; r++) {
                    FloatVector f0 = w0.lanewise(LSHL, 19).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                    FloatVector f1 = w1.lanewise(LSHL, 19).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                    FloatVector f2 = w2.lanewise(LSHL, 19).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                    FloatVector f3 = w3.lanewise(LSHL, 19).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                    FloatVector y = FloatVector.broadcast(S, x[c]);
                    a0 = f0.fma(y, a0);
                    b0 = f1.fma(y, b0);
                    d0 = f2.fma(y, d0);
                    e0 = f3.fma(y, e0);
                    y = FloatVector.broadcast(S, x[c + 1]);
                    a1 = f0.fma(y, a1);
                    b1 = f1.fma(y, b1);
                    d1 = f2.fma(y, d1);
                    e1 = f3.fma(y, e1);
                    y = FloatVector.broadcast(S, x[c + 2]);
                    a2 = f0.fma(y, a2);
                    b2 = f1.fma(y, b2);
                    d2 = f2.fma(y, d2);
                    e2 = f3.fma(y, e2);
                    y = FloatVector.broadcast(S, x[c + 3]);
                    a3 = f0.fma(y, a3);
                    b3 = f1.fma(y, b3);
                    d3 = f2.fma(y, d3);
                    e3 = f3.fma(y, e3);
                    w0 = w0.lanewise(LSHR, 4);
                    w1 = w1.lanewise(LSHR, 4);
                    w2 = w2.lanewise(LSHR, 4);
                    w3 = w3.lanewise(LSHR, 4);
                    c += 4;
                }
            }
            int a = b * 4 * L;
            int i = 4 * (io + b);
            FloatVector rest = FloatVector.broadcast(S, init[i]);
            a0.add(rest).intoArray(acc[0], a);
            b0.add(rest).intoArray(acc[1], a);
            d0.add(rest).intoArray(acc[2], a);
            e0.add(rest).intoArray(acc[3], a);
            rest = FloatVector.broadcast(S, init[i + 1]);
            a1.add(rest).intoArray(acc[0], a + L);
            b1.add(rest).intoArray(acc[1], a + L);
            d1.add(rest).intoArray(acc[2], a + L);
            e1.add(rest).intoArray(acc[3], a + L);
            rest = FloatVector.broadcast(S, init[i + 2]);
            a2.add(rest).intoArray(acc[0], a + 2 * L);
            b2.add(rest).intoArray(acc[1], a + 2 * L);
            d2.add(rest).intoArray(acc[2], a + 2 * L);
            e2.add(rest).intoArray(acc[3], a + 2 * L);
            rest = FloatVector.broadcast(S, init[i + 3]);
            a3.add(rest).intoArray(acc[0], a + 3 * L);
            b3.add(rest).intoArray(acc[1], a + 3 * L);
            d3.add(rest).intoArray(acc[2], a + 3 * L);
            e3.add(rest).intoArray(acc[3], a + 3 * L);
        }
    }

    /** Sums over 2-bit codes. */
    public static void dot2(Plane plane, long[] o, int blocks, float[] x, int xo, float[] init, int io, float[][] acc) {
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
            FloatVector a0 = FloatVector.zero(S);
            FloatVector a1 = FloatVector.zero(S);
            FloatVector a2 = FloatVector.zero(S);
            FloatVector a3 = FloatVector.zero(S);
            FloatVector b0 = FloatVector.zero(S);
            FloatVector b1 = FloatVector.zero(S);
            FloatVector b2 = FloatVector.zero(S);
            FloatVector b3 = FloatVector.zero(S);
            FloatVector d0 = FloatVector.zero(S);
            FloatVector d1 = FloatVector.zero(S);
            FloatVector d2 = FloatVector.zero(S);
            FloatVector d3 = FloatVector.zero(S);
            FloatVector e0 = FloatVector.zero(S);
            FloatVector e1 = FloatVector.zero(S);
            FloatVector e2 = FloatVector.zero(S);
            FloatVector e3 = FloatVector.zero(S);
            int gaps = (b >> unit) * gap;
            for (int j = b * words; j < (b + 1) * words; j++) {
                long at = (long) (j + gaps) * VECTOR;
                int c = 4 * (xo + 16 * j);
                IntVector w0 = IntVector.fromMemorySegment(I, w, o0 + at, LE);
                IntVector w1 = IntVector.fromMemorySegment(I, w, o1 + at, LE);
                IntVector w2 = IntVector.fromMemorySegment(I, w, o2 + at, LE);
                IntVector w3 = IntVector.fromMemorySegment(I, w, o3 + at, LE);
                for (int r = 0; r < 8; r++) {
                    FloatVector f0 = w0.lanewise(LSHL, 19).lanewise(AND, low).lanewise(OR, one).reinterpretAsFloats();
                    FloatVector f1 = w1.lanewise(LSHL, 19).lanewise(AND, low).lanewise(OR, one).reinterpretAsFloats();
                    FloatVector f2 = w2.lanewise(LSHL, 19).lanewise(AND, low).lanewise(OR, one).reinterpretAsFloats();
                    FloatVector f3 = w3.lanewise(LSHL, 19).lanewise(AND, low).lanewise(OR, one).reinterpretAsFloats();
                    FloatVector y = FloatVector.broadcast(S, x[c]);
                    a0 = f0.fma(y, a0);
                    b0 = f1.fma(y, b0);
                    d0 = f2.fma(y, d0);
                    e0 = f3.fma(y, e0);
                    y = FloatVector.broadcast(S, x[c + 1]);
                    a1 = f0.fma(y, a1);
                    b1 = f1.fma(y, b1);
                    d1 = f2.fma(y, d1);
                    e1 = f3.fma(y, e1);
                    y = FloatVector.broadcast(S, x[c + 2]);
                    a2 = f0.fma(y, a2);
                    b2 = f1.fma(y, b2);
                    d2 = f2.fma(y, d2);
                    e2 = f3.fma(y, e2);
                    y = FloatVector.broadcast(S, x[c + 3]);
                    a3 = f0.fma(y, a3);
                    b3 = f1.fma(y, b3);
                    d3 = f2.fma(y, d3);
                    e3 = f3.fma(y, e3);
                    f0 = w0.lanewise(LSHL, 19).lanewise(AND, high).lanewise(OR, one).reinterpretAsFloats();
                    f1 = w1.lanewise(LSHL, 19).lanewise(AND, high).lanewise(OR, one).reinterpretAsFloats();
                    f2 = w2.lanewise(LSHL, 19).lanewise(AND, high).lanewise(OR, one).reinterpretAsFloats();
                    f3 = w3.lanewise(LSHL, 19).lanewise(AND, high).lanewise(OR, one).reinterpretAsFloats();
                    y = FloatVector.broadcast(S, x[c + 4]);
                    a0 = f0.fma(y, a0);
                    b0 = f1.fma(y, b0);
                    d0 = f2.fma(y, d0);
                    e0 = f3.fma(y, e0);
                    y = FloatVector.broadcast(S, x[c + 5]);
                    a1 = f0.fma(y, a1);
                    b1 = f1.fma(y, b1);
                    d1 = f2.fma(y, d1);
                    e1 = f3.fma(y, e1);
                    y = FloatVector.broadcast(S, x[c + 6]);
                    a2 = f0.fma(y, a2);
                    b2 = f1.fma(y, b2);
                    d2 = f2.fma(y, d2);
                    e2 = f3.fma(y, e2);
                    y = FloatVector.broadcast(S, x[c + 7]);
                    a3 = f0.fma(y, a3);
                    b3 = f1.fma(y, b3);
                    d3 = f2.fma(y, d3);
                    e3 = f3.fma(y, e3);
                    w0 = w0.lanewise(LSHR, 4);
                    w1 = w1.lanewise(LSHR, 4);
                    w2 = w2.lanewise(LSHR, 4);
                    w3 = w3.lanewise(LSHR, 4);
                    c += 8;
                }
            }
            int a = b * 4 * L;
            int i = 4 * (io + b);
            FloatVector rest = FloatVector.broadcast(S, init[i]);
            a0.add(rest).intoArray(acc[0], a);
            b0.add(rest).intoArray(acc[1], a);
            d0.add(rest).intoArray(acc[2], a);
            e0.add(rest).intoArray(acc[3], a);
            rest = FloatVector.broadcast(S, init[i + 1]);
            a1.add(rest).intoArray(acc[0], a + L);
            b1.add(rest).intoArray(acc[1], a + L);
            d1.add(rest).intoArray(acc[2], a + L);
            e1.add(rest).intoArray(acc[3], a + L);
            rest = FloatVector.broadcast(S, init[i + 2]);
            a2.add(rest).intoArray(acc[0], a + 2 * L);
            b2.add(rest).intoArray(acc[1], a + 2 * L);
            d2.add(rest).intoArray(acc[2], a + 2 * L);
            e2.add(rest).intoArray(acc[3], a + 2 * L);
            rest = FloatVector.broadcast(S, init[i + 3]);
            a3.add(rest).intoArray(acc[0], a + 3 * L);
            b3.add(rest).intoArray(acc[1], a + 3 * L);
            d3.add(rest).intoArray(acc[2], a + 3 * L);
            e3.add(rest).intoArray(acc[3], a + 3 * L);
        }
    }

    /** Sums over the table values of 4-bit codes. */
    public static void dotTable4(Plane plane, long[] o, int blocks, float[] x, int xo, float[] init, int io, float[][] acc, int[] table) {
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int unit = plane.unitShift();
        int gap = plane.scaleWords();
        long o0 = o[0];
        long o1 = o[1];
        long o2 = o[2];
        long o3 = o[3];
        IntVector low = IntVector.broadcast(I, 15);
        for (int b = 0; b < blocks; b++) {
            FloatVector a0 = FloatVector.zero(S);
            FloatVector a1 = FloatVector.zero(S);
            FloatVector a2 = FloatVector.zero(S);
            FloatVector a3 = FloatVector.zero(S);
            FloatVector b0 = FloatVector.zero(S);
            FloatVector b1 = FloatVector.zero(S);
            FloatVector b2 = FloatVector.zero(S);
            FloatVector b3 = FloatVector.zero(S);
            FloatVector d0 = FloatVector.zero(S);
            FloatVector d1 = FloatVector.zero(S);
            FloatVector d2 = FloatVector.zero(S);
            FloatVector d3 = FloatVector.zero(S);
            FloatVector e0 = FloatVector.zero(S);
            FloatVector e1 = FloatVector.zero(S);
            FloatVector e2 = FloatVector.zero(S);
            FloatVector e3 = FloatVector.zero(S);
            int gaps = (b >> unit) * gap;
            for (int j = b * words; j < (b + 1) * words; j++) {
                long at = (long) (j + gaps) * VECTOR;
                int c = 4 * (xo + 8 * j);
                IntVector w0 = IntVector.fromMemorySegment(I, w, o0 + at, LE);
                IntVector w1 = IntVector.fromMemorySegment(I, w, o1 + at, LE);
                IntVector w2 = IntVector.fromMemorySegment(I, w, o2 + at, LE);
                IntVector w3 = IntVector.fromMemorySegment(I, w, o3 + at, LE);
                for (int r = 0; r < 8; r++) {
                    FloatVector f0 = PackedPanel.look(w0.lanewise(AND, low), table).reinterpretAsFloats();
                    FloatVector f1 = PackedPanel.look(w1.lanewise(AND, low), table).reinterpretAsFloats();
                    FloatVector f2 = PackedPanel.look(w2.lanewise(AND, low), table).reinterpretAsFloats();
                    FloatVector f3 = PackedPanel.look(w3.lanewise(AND, low), table).reinterpretAsFloats();
                    FloatVector y = FloatVector.broadcast(S, x[c]);
                    a0 = f0.fma(y, a0);
                    b0 = f1.fma(y, b0);
                    d0 = f2.fma(y, d0);
                    e0 = f3.fma(y, e0);
                    y = FloatVector.broadcast(S, x[c + 1]);
                    a1 = f0.fma(y, a1);
                    b1 = f1.fma(y, b1);
                    d1 = f2.fma(y, d1);
                    e1 = f3.fma(y, e1);
                    y = FloatVector.broadcast(S, x[c + 2]);
                    a2 = f0.fma(y, a2);
                    b2 = f1.fma(y, b2);
                    d2 = f2.fma(y, d2);
                    e2 = f3.fma(y, e2);
                    y = FloatVector.broadcast(S, x[c + 3]);
                    a3 = f0.fma(y, a3);
                    b3 = f1.fma(y, b3);
                    d3 = f2.fma(y, d3);
                    e3 = f3.fma(y, e3);
                    w0 = w0.lanewise(LSHR, 4);
                    w1 = w1.lanewise(LSHR, 4);
                    w2 = w2.lanewise(LSHR, 4);
                    w3 = w3.lanewise(LSHR, 4);
                    c += 4;
                }
            }
            int a = b * 4 * L;
            int i = 4 * (io + b);
            FloatVector rest = FloatVector.broadcast(S, init[i]);
            a0.add(rest).intoArray(acc[0], a);
            b0.add(rest).intoArray(acc[1], a);
            d0.add(rest).intoArray(acc[2], a);
            e0.add(rest).intoArray(acc[3], a);
            rest = FloatVector.broadcast(S, init[i + 1]);
            a1.add(rest).intoArray(acc[0], a + L);
            b1.add(rest).intoArray(acc[1], a + L);
            d1.add(rest).intoArray(acc[2], a + L);
            e1.add(rest).intoArray(acc[3], a + L);
            rest = FloatVector.broadcast(S, init[i + 2]);
            a2.add(rest).intoArray(acc[0], a + 2 * L);
            b2.add(rest).intoArray(acc[1], a + 2 * L);
            d2.add(rest).intoArray(acc[2], a + 2 * L);
            e2.add(rest).intoArray(acc[3], a + 2 * L);
            rest = FloatVector.broadcast(S, init[i + 3]);
            a3.add(rest).intoArray(acc[0], a + 3 * L);
            b3.add(rest).intoArray(acc[1], a + 3 * L);
            d3.add(rest).intoArray(acc[2], a + 3 * L);
            e3.add(rest).intoArray(acc[3], a + 3 * L);
        }
    }
    // spotless:on
}
