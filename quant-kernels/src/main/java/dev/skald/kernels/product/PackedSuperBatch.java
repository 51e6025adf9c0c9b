package dev.skald.kernels.product;

import static jdk.incubator.vector.VectorOperators.AND;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.OR;
import static jdk.incubator.vector.VectorOperators.ROL;

import dev.skald.kernels.pack.Plane;
import dev.skald.kernels.platform.VectorKernels;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Products of packed matrices with four rows of activations, as in {@link PackedBatch}, for formats in which 256
 * columns share a scale for the scales of their blocks, as in {@link PackedSuperDot}; products of scales are exact in
 * float32.
 */
final class PackedSuperBatch {
    private static final int L = PackedDot.L;
    private static final VectorSpecies<Float> S = VectorKernels.S;
    private static final VectorSpecies<Integer> I = VectorKernels.I;
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final int VECTOR = 4 * L;

    private PackedSuperBatch() {}

    // A line a product, so that a kernel can be read at a glance.
    // spotless:off

    /** 6-bit codes with quantized scales; a word has 5, and two bits of one more. */
    public static void dot6(Plane plane, long o, long p, int blocks, float[] x, float[] rests, float[] ys, float[] zs) {
        Arrays.fill(ys, 0, 4 * L, 0);
        Arrays.fill(zs, 0, 4 * L, 0);
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int run = plane.runWords();
        int unit = plane.unitShift();
        int unitWords = plane.unitWords();
        IntVector code = IntVector.broadcast(I, Masks.CODE6[0]);
        IntVector two = IntVector.broadcast(I, Masks.CODE6[1]);
        IntVector one = IntVector.broadcast(I, Masks.ONE[0]);
        IntVector half = IntVector.broadcast(I, Masks.HALF[0]);
        IntVector all = IntVector.broadcast(I, Masks.CODE8[0]);
        FloatVector middle = FloatVector.broadcast(S, 1.5f);
        for (int from = 0; from < blocks; from += 1 << unit) {
            long top = (long) (((from >> unit) + 1) * unitWords - 1) * VECTOR;
            FloatVector s0 = FloatVector.zero(S);
            FloatVector s1 = FloatVector.zero(S);
            FloatVector s2 = FloatVector.zero(S);
            FloatVector s3 = FloatVector.zero(S);
            FloatVector q0 = FloatVector.zero(S);
            FloatVector q1 = FloatVector.zero(S);
            FloatVector q2 = FloatVector.zero(S);
            FloatVector q3 = FloatVector.zero(S);
            for (int b = from; b < from + (1 << unit); b++) {
                FloatVector a0 = FloatVector.zero(S);
                FloatVector a1 = FloatVector.zero(S);
                FloatVector a2 = FloatVector.zero(S);
                FloatVector a3 = FloatVector.zero(S);
                FloatVector b0 = FloatVector.zero(S);
                FloatVector b1 = FloatVector.zero(S);
                FloatVector b2 = FloatVector.zero(S);
                FloatVector b3 = FloatVector.zero(S);
                int gaps = (b + 3 >> 2) + (b >> unit);
                for (int j = b * words; j < (b + 1) * words; j++) {
                    long at = (long) (j + gaps) * VECTOR;
                    int c = 24 * j;
                    IntVector v = IntVector.fromMemorySegment(I, w, o + at, LE);
                    IntVector u = IntVector.fromMemorySegment(I, w, p + at, LE);
                    for (int k = 0; k < 5; k++) {
                        FloatVector f0 = v.lanewise(LSHL, 17).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                        FloatVector g0 = u.lanewise(LSHL, 17).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                        FloatVector t0 = FloatVector.broadcast(S, x[c + 4 * k]);
                        a0 = f0.fma(t0, a0);
                        b0 = g0.fma(t0, b0);
                        t0 = FloatVector.broadcast(S, x[c + 4 * k + 1]);
                        a1 = f0.fma(t0, a1);
                        b1 = g0.fma(t0, b1);
                        t0 = FloatVector.broadcast(S, x[c + 4 * k + 2]);
                        a2 = f0.fma(t0, a2);
                        b2 = g0.fma(t0, b2);
                        t0 = FloatVector.broadcast(S, x[c + 4 * k + 3]);
                        a3 = f0.fma(t0, a3);
                        b3 = g0.fma(t0, b3);
                        v = v.lanewise(LSHR, 6);
                        u = u.lanewise(LSHR, 6);
                    }
                    FloatVector f5 = v.lanewise(LSHL, 21).lanewise(AND, two).lanewise(OR, one).reinterpretAsFloats();
                    FloatVector g5 = u.lanewise(LSHL, 21).lanewise(AND, two).lanewise(OR, one).reinterpretAsFloats();
                    FloatVector t5 = FloatVector.broadcast(S, x[c + 20]);
                    a0 = f5.fma(t5, a0);
                    b0 = g5.fma(t5, b0);
                    t5 = FloatVector.broadcast(S, x[c + 21]);
                    a1 = f5.fma(t5, a1);
                    b1 = g5.fma(t5, b1);
                    t5 = FloatVector.broadcast(S, x[c + 22]);
                    a2 = f5.fma(t5, a2);
                    b2 = g5.fma(t5, b2);
                    t5 = FloatVector.broadcast(S, x[c + 23]);
                    a3 = f5.fma(t5, a3);
                    b3 = g5.fma(t5, b3);
                }
                long at = (long) ((b >> 2) * run + (b >> unit) + words) * VECTOR;
                int turn = 15 - 8 * (b & 3);
                FloatVector d = IntVector.fromMemorySegment(I, w, o + at, LE).lanewise(ROL, turn).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle);
                FloatVector e = IntVector.fromMemorySegment(I, w, p + at, LE).lanewise(ROL, turn).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle);
                FloatVector r0 = FloatVector.broadcast(S, rests[4 * b]);
                s0 = d.fma(a0.add(r0), s0);
                q0 = e.fma(b0.add(r0), q0);
                FloatVector r1 = FloatVector.broadcast(S, rests[4 * b + 1]);
                s1 = d.fma(a1.add(r1), s1);
                q1 = e.fma(b1.add(r1), q1);
                FloatVector r2 = FloatVector.broadcast(S, rests[4 * b + 2]);
                s2 = d.fma(a2.add(r2), s2);
                q2 = e.fma(b2.add(r2), q2);
                FloatVector r3 = FloatVector.broadcast(S, rests[4 * b + 3]);
                s3 = d.fma(a3.add(r3), s3);
                q3 = e.fma(b3.add(r3), q3);
            }
            FloatVector y = IntVector.fromMemorySegment(I, w, o + top, LE).lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(256f);
            y.fma(s0, FloatVector.fromArray(S, ys, 0)).intoArray(ys, 0);
            y.fma(s1, FloatVector.fromArray(S, ys, L)).intoArray(ys, L);
            y.fma(s2, FloatVector.fromArray(S, ys, 2 * L)).intoArray(ys, 2 * L);
            y.fma(s3, FloatVector.fromArray(S, ys, 3 * L)).intoArray(ys, 3 * L);
            FloatVector z = IntVector.fromMemorySegment(I, w, p + top, LE).lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(256f);
            z.fma(q0, FloatVector.fromArray(S, zs, 0)).intoArray(zs, 0);
            z.fma(q1, FloatVector.fromArray(S, zs, L)).intoArray(zs, L);
            z.fma(q2, FloatVector.fromArray(S, zs, 2 * L)).intoArray(zs, 2 * L);
            z.fma(q3, FloatVector.fromArray(S, zs, 3 * L)).intoArray(zs, 3 * L);
        }
    }

    /** 5-bit codes with quantized scales and minima; a word has 6, and one bit of each of two more. */
    public static void dot5Min(Plane plane, long o, long p, int blocks, float[] x, float[] rests, float[] sums, float[] ys, float[] zs) {
        Arrays.fill(ys, 0, 4 * L, 0);
        Arrays.fill(zs, 0, 4 * L, 0);
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int run = plane.runWords();
        int unit = plane.unitShift();
        int unitWords = plane.unitWords();
        IntVector code = IntVector.broadcast(I, Masks.CODE5[0]);
        IntVector bit30 = IntVector.broadcast(I, Masks.CODE5[1]);
        IntVector bit31 = IntVector.broadcast(I, Masks.CODE5[2]);
        IntVector one = IntVector.broadcast(I, Masks.ONE[0]);
        IntVector half = IntVector.broadcast(I, Masks.HALF[0]);
        IntVector all = IntVector.broadcast(I, Masks.CODE8[0]);
        FloatVector middle = FloatVector.broadcast(S, 1.5f);
        for (int from = 0; from < blocks; from += 1 << unit) {
            long top = (long) (((from >> unit) + 1) * unitWords - 1) * VECTOR;
            float[] terms = rests;
            // The scales, then the minima, which are multiplied by the sums of activations only.
            for (int k = 0; k < 2; k++) {
                FloatVector s0 = FloatVector.zero(S);
                FloatVector s1 = FloatVector.zero(S);
                FloatVector s2 = FloatVector.zero(S);
                FloatVector s3 = FloatVector.zero(S);
                FloatVector q0 = FloatVector.zero(S);
                FloatVector q1 = FloatVector.zero(S);
                FloatVector q2 = FloatVector.zero(S);
                FloatVector q3 = FloatVector.zero(S);
                for (int b = from; b < from + (1 << unit); b++) {
                    FloatVector a0 = FloatVector.zero(S);
                    FloatVector a1 = FloatVector.zero(S);
                    FloatVector a2 = FloatVector.zero(S);
                    FloatVector a3 = FloatVector.zero(S);
                    FloatVector b0 = FloatVector.zero(S);
                    FloatVector b1 = FloatVector.zero(S);
                    FloatVector b2 = FloatVector.zero(S);
                    FloatVector b3 = FloatVector.zero(S);
                    int gaps = 2 * (b + 3 >> 2) + (b >> unit);
                    for (int j = b * words; j < (b + 1 - k) * words; j++) {
                        long at = (long) (j + gaps) * VECTOR;
                        int c = 32 * j;
                        IntVector v = IntVector.fromMemorySegment(I, w, o + at, LE);
                        IntVector u = IntVector.fromMemorySegment(I, w, p + at, LE);
                        for (int i = 0; i < 6; i++) {
                            FloatVector f0 = v.lanewise(LSHL, 18).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                            FloatVector g0 = u.lanewise(LSHL, 18).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                            FloatVector t0 = FloatVector.broadcast(S, x[c + 4 * i]);
                            a0 = f0.fma(t0, a0);
                            b0 = g0.fma(t0, b0);
                            t0 = FloatVector.broadcast(S, x[c + 4 * i + 1]);
                            a1 = f0.fma(t0, a1);
                            b1 = g0.fma(t0, b1);
                            t0 = FloatVector.broadcast(S, x[c + 4 * i + 2]);
                            a2 = f0.fma(t0, a2);
                            b2 = g0.fma(t0, b2);
                            t0 = FloatVector.broadcast(S, x[c + 4 * i + 3]);
                            a3 = f0.fma(t0, a3);
                            b3 = g0.fma(t0, b3);
                            v = v.lanewise(LSHR, 5);
                            u = u.lanewise(LSHR, 5);
                        }
                        FloatVector f6 = v.lanewise(LSHL, 21).lanewise(AND, bit30).lanewise(OR, one).reinterpretAsFloats();
                        FloatVector g6 = u.lanewise(LSHL, 21).lanewise(AND, bit30).lanewise(OR, one).reinterpretAsFloats();
                        FloatVector t6 = FloatVector.broadcast(S, x[c + 24]);
                        a0 = f6.fma(t6, a0);
                        b0 = g6.fma(t6, b0);
                        t6 = FloatVector.broadcast(S, x[c + 25]);
                        a1 = f6.fma(t6, a1);
                        b1 = g6.fma(t6, b1);
                        t6 = FloatVector.broadcast(S, x[c + 26]);
                        a2 = f6.fma(t6, a2);
                        b2 = g6.fma(t6, b2);
                        t6 = FloatVector.broadcast(S, x[c + 27]);
                        a3 = f6.fma(t6, a3);
                        b3 = g6.fma(t6, b3);
                        FloatVector f7 = v.lanewise(LSHL, 21).lanewise(AND, bit31).lanewise(OR, one).reinterpretAsFloats();
                        FloatVector g7 = u.lanewise(LSHL, 21).lanewise(AND, bit31).lanewise(OR, one).reinterpretAsFloats();
                        FloatVector t7 = FloatVector.broadcast(S, x[c + 28]);
                        a0 = f7.fma(t7, a0);
                        b0 = g7.fma(t7, b0);
                        t7 = FloatVector.broadcast(S, x[c + 29]);
                        a1 = f7.fma(t7, a1);
                        b1 = g7.fma(t7, b1);
                        t7 = FloatVector.broadcast(S, x[c + 30]);
                        a2 = f7.fma(t7, a2);
                        b2 = g7.fma(t7, b2);
                        t7 = FloatVector.broadcast(S, x[c + 31]);
                        a3 = f7.fma(t7, a3);
                        b3 = g7.fma(t7, b3);
                    }
                    long at = (long) ((b >> 2) * run + (b >> unit) + words + k) * VECTOR;
                    int turn = 15 - 8 * (b & 3);
                    FloatVector d = IntVector.fromMemorySegment(I, w, o + at, LE).lanewise(ROL, turn).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle);
                    FloatVector e = IntVector.fromMemorySegment(I, w, p + at, LE).lanewise(ROL, turn).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle);
                    FloatVector r0 = FloatVector.broadcast(S, terms[4 * b]);
                    s0 = d.fma(a0.add(r0), s0);
                    q0 = e.fma(b0.add(r0), q0);
                    FloatVector r1 = FloatVector.broadcast(S, terms[4 * b + 1]);
                    s1 = d.fma(a1.add(r1), s1);
                    q1 = e.fma(b1.add(r1), q1);
                    FloatVector r2 = FloatVector.broadcast(S, terms[4 * b + 2]);
                    s2 = d.fma(a2.add(r2), s2);
                    q2 = e.fma(b2.add(r2), q2);
                    FloatVector r3 = FloatVector.broadcast(S, terms[4 * b + 3]);
                    s3 = d.fma(a3.add(r3), s3);
                    q3 = e.fma(b3.add(r3), q3);
                }
                FloatVector y = IntVector.fromMemorySegment(I, w, o + top, LE).lanewise(LSHL, 16 - 16 * k).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(256f - 512f * k);
                y.fma(s0, FloatVector.fromArray(S, ys, 0)).intoArray(ys, 0);
                y.fma(s1, FloatVector.fromArray(S, ys, L)).intoArray(ys, L);
                y.fma(s2, FloatVector.fromArray(S, ys, 2 * L)).intoArray(ys, 2 * L);
                y.fma(s3, FloatVector.fromArray(S, ys, 3 * L)).intoArray(ys, 3 * L);
                FloatVector z = IntVector.fromMemorySegment(I, w, p + top, LE).lanewise(LSHL, 16 - 16 * k).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(256f - 512f * k);
                z.fma(q0, FloatVector.fromArray(S, zs, 0)).intoArray(zs, 0);
                z.fma(q1, FloatVector.fromArray(S, zs, L)).intoArray(zs, L);
                z.fma(q2, FloatVector.fromArray(S, zs, 2 * L)).intoArray(zs, 2 * L);
                z.fma(q3, FloatVector.fromArray(S, zs, 3 * L)).intoArray(zs, 3 * L);
                terms = sums;
            }
        }
    }

    /** 4-bit codes with quantized scales; a word has 8. */
    public static void dot4(Plane plane, long o, long p, int blocks, float[] x, float[] rests, float[] ys, float[] zs) {
        Arrays.fill(ys, 0, 4 * L, 0);
        Arrays.fill(zs, 0, 4 * L, 0);
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int run = plane.runWords();
        int unit = plane.unitShift();
        int unitWords = plane.unitWords();
        IntVector code = IntVector.broadcast(I, Masks.CODE4[0]);
        IntVector one = IntVector.broadcast(I, Masks.ONE[0]);
        IntVector half = IntVector.broadcast(I, Masks.HALF[0]);
        IntVector all = IntVector.broadcast(I, Masks.CODE8[0]);
        FloatVector middle = FloatVector.broadcast(S, 1.5f);
        for (int from = 0; from < blocks; from += 1 << unit) {
            long top = (long) (((from >> unit) + 1) * unitWords - 1) * VECTOR;
            FloatVector s0 = FloatVector.zero(S);
            FloatVector s1 = FloatVector.zero(S);
            FloatVector s2 = FloatVector.zero(S);
            FloatVector s3 = FloatVector.zero(S);
            FloatVector q0 = FloatVector.zero(S);
            FloatVector q1 = FloatVector.zero(S);
            FloatVector q2 = FloatVector.zero(S);
            FloatVector q3 = FloatVector.zero(S);
            for (int b = from; b < from + (1 << unit); b++) {
                FloatVector a0 = FloatVector.zero(S);
                FloatVector a1 = FloatVector.zero(S);
                FloatVector a2 = FloatVector.zero(S);
                FloatVector a3 = FloatVector.zero(S);
                FloatVector b0 = FloatVector.zero(S);
                FloatVector b1 = FloatVector.zero(S);
                FloatVector b2 = FloatVector.zero(S);
                FloatVector b3 = FloatVector.zero(S);
                int gaps = (b + 3 >> 2) + (b >> unit);
                for (int j = b * words; j < (b + 1) * words; j++) {
                    long at = (long) (j + gaps) * VECTOR;
                    int c = 32 * j;
                    IntVector v = IntVector.fromMemorySegment(I, w, o + at, LE);
                    IntVector u = IntVector.fromMemorySegment(I, w, p + at, LE);
                    for (int k = 0; k < 2; k++) {
                        FloatVector f0 = v.lanewise(LSHL, 19).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                        FloatVector g0 = u.lanewise(LSHL, 19).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                        FloatVector t0 = FloatVector.broadcast(S, x[c + 16 * k]);
                        a0 = f0.fma(t0, a0);
                        b0 = g0.fma(t0, b0);
                        t0 = FloatVector.broadcast(S, x[c + 16 * k + 1]);
                        a1 = f0.fma(t0, a1);
                        b1 = g0.fma(t0, b1);
                        t0 = FloatVector.broadcast(S, x[c + 16 * k + 2]);
                        a2 = f0.fma(t0, a2);
                        b2 = g0.fma(t0, b2);
                        t0 = FloatVector.broadcast(S, x[c + 16 * k + 3]);
                        a3 = f0.fma(t0, a3);
                        b3 = g0.fma(t0, b3);
                        FloatVector f1 = v.lanewise(LSHL, 15).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                        FloatVector g1 = u.lanewise(LSHL, 15).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                        FloatVector t1 = FloatVector.broadcast(S, x[c + 16 * k + 4]);
                        a0 = f1.fma(t1, a0);
                        b0 = g1.fma(t1, b0);
                        t1 = FloatVector.broadcast(S, x[c + 16 * k + 5]);
                        a1 = f1.fma(t1, a1);
                        b1 = g1.fma(t1, b1);
                        t1 = FloatVector.broadcast(S, x[c + 16 * k + 6]);
                        a2 = f1.fma(t1, a2);
                        b2 = g1.fma(t1, b2);
                        t1 = FloatVector.broadcast(S, x[c + 16 * k + 7]);
                        a3 = f1.fma(t1, a3);
                        b3 = g1.fma(t1, b3);
                        FloatVector f2 = v.lanewise(LSHL, 11).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                        FloatVector g2 = u.lanewise(LSHL, 11).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                        FloatVector t2 = FloatVector.broadcast(S, x[c + 16 * k + 8]);
                        a0 = f2.fma(t2, a0);
                        b0 = g2.fma(t2, b0);
                        t2 = FloatVector.broadcast(S, x[c + 16 * k + 9]);
                        a1 = f2.fma(t2, a1);
                        b1 = g2.fma(t2, b1);
                        t2 = FloatVector.broadcast(S, x[c + 16 * k + 10]);
                        a2 = f2.fma(t2, a2);
                        b2 = g2.fma(t2, b2);
                        t2 = FloatVector.broadcast(S, x[c + 16 * k + 11]);
                        a3 = f2.fma(t2, a3);
                        b3 = g2.fma(t2, b3);
                        FloatVector f3 = v.lanewise(LSHL, 7).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                        FloatVector g3 = u.lanewise(LSHL, 7).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                        FloatVector t3 = FloatVector.broadcast(S, x[c + 16 * k + 12]);
                        a0 = f3.fma(t3, a0);
                        b0 = g3.fma(t3, b0);
                        t3 = FloatVector.broadcast(S, x[c + 16 * k + 13]);
                        a1 = f3.fma(t3, a1);
                        b1 = g3.fma(t3, b1);
                        t3 = FloatVector.broadcast(S, x[c + 16 * k + 14]);
                        a2 = f3.fma(t3, a2);
                        b2 = g3.fma(t3, b2);
                        t3 = FloatVector.broadcast(S, x[c + 16 * k + 15]);
                        a3 = f3.fma(t3, a3);
                        b3 = g3.fma(t3, b3);
                        v = v.lanewise(LSHR, 16);
                        u = u.lanewise(LSHR, 16);
                    }
                }
                long at = (long) ((b >> 2) * run + (b >> unit) + words) * VECTOR;
                int turn = 15 - 8 * (b & 3);
                FloatVector d = IntVector.fromMemorySegment(I, w, o + at, LE).lanewise(ROL, turn).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle);
                FloatVector e = IntVector.fromMemorySegment(I, w, p + at, LE).lanewise(ROL, turn).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle);
                FloatVector r0 = FloatVector.broadcast(S, rests[4 * b]);
                s0 = d.fma(a0.add(r0), s0);
                q0 = e.fma(b0.add(r0), q0);
                FloatVector r1 = FloatVector.broadcast(S, rests[4 * b + 1]);
                s1 = d.fma(a1.add(r1), s1);
                q1 = e.fma(b1.add(r1), q1);
                FloatVector r2 = FloatVector.broadcast(S, rests[4 * b + 2]);
                s2 = d.fma(a2.add(r2), s2);
                q2 = e.fma(b2.add(r2), q2);
                FloatVector r3 = FloatVector.broadcast(S, rests[4 * b + 3]);
                s3 = d.fma(a3.add(r3), s3);
                q3 = e.fma(b3.add(r3), q3);
            }
            FloatVector y = IntVector.fromMemorySegment(I, w, o + top, LE).lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(256f);
            y.fma(s0, FloatVector.fromArray(S, ys, 0)).intoArray(ys, 0);
            y.fma(s1, FloatVector.fromArray(S, ys, L)).intoArray(ys, L);
            y.fma(s2, FloatVector.fromArray(S, ys, 2 * L)).intoArray(ys, 2 * L);
            y.fma(s3, FloatVector.fromArray(S, ys, 3 * L)).intoArray(ys, 3 * L);
            FloatVector z = IntVector.fromMemorySegment(I, w, p + top, LE).lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(256f);
            z.fma(q0, FloatVector.fromArray(S, zs, 0)).intoArray(zs, 0);
            z.fma(q1, FloatVector.fromArray(S, zs, L)).intoArray(zs, L);
            z.fma(q2, FloatVector.fromArray(S, zs, 2 * L)).intoArray(zs, 2 * L);
            z.fma(q3, FloatVector.fromArray(S, zs, 3 * L)).intoArray(zs, 3 * L);
        }
    }

    /** 4-bit codes with quantized scales and minima; a word has 8. */
    public static void dot4Min(Plane plane, long o, long p, int blocks, float[] x, float[] rests, float[] sums, float[] ys, float[] zs) {
        Arrays.fill(ys, 0, 4 * L, 0);
        Arrays.fill(zs, 0, 4 * L, 0);
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int run = plane.runWords();
        int unit = plane.unitShift();
        int unitWords = plane.unitWords();
        IntVector code = IntVector.broadcast(I, Masks.CODE4[0]);
        IntVector one = IntVector.broadcast(I, Masks.ONE[0]);
        IntVector half = IntVector.broadcast(I, Masks.HALF[0]);
        IntVector all = IntVector.broadcast(I, Masks.CODE8[0]);
        FloatVector middle = FloatVector.broadcast(S, 1.5f);
        for (int from = 0; from < blocks; from += 1 << unit) {
            long top = (long) (((from >> unit) + 1) * unitWords - 1) * VECTOR;
            float[] terms = rests;
            // The scales, then the minima, which are multiplied by the sums of activations only.
            for (int k = 0; k < 2; k++) {
                FloatVector s0 = FloatVector.zero(S);
                FloatVector s1 = FloatVector.zero(S);
                FloatVector s2 = FloatVector.zero(S);
                FloatVector s3 = FloatVector.zero(S);
                FloatVector q0 = FloatVector.zero(S);
                FloatVector q1 = FloatVector.zero(S);
                FloatVector q2 = FloatVector.zero(S);
                FloatVector q3 = FloatVector.zero(S);
                for (int b = from; b < from + (1 << unit); b++) {
                    FloatVector a0 = FloatVector.zero(S);
                    FloatVector a1 = FloatVector.zero(S);
                    FloatVector a2 = FloatVector.zero(S);
                    FloatVector a3 = FloatVector.zero(S);
                    FloatVector b0 = FloatVector.zero(S);
                    FloatVector b1 = FloatVector.zero(S);
                    FloatVector b2 = FloatVector.zero(S);
                    FloatVector b3 = FloatVector.zero(S);
                    int gaps = 2 * (b + 3 >> 2) + (b >> unit);
                    for (int j = b * words; j < (b + 1 - k) * words; j++) {
                        long at = (long) (j + gaps) * VECTOR;
                        int c = 32 * j;
                        IntVector v = IntVector.fromMemorySegment(I, w, o + at, LE);
                        IntVector u = IntVector.fromMemorySegment(I, w, p + at, LE);
                        for (int i = 0; i < 2; i++) {
                            FloatVector f0 = v.lanewise(LSHL, 19).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                            FloatVector g0 = u.lanewise(LSHL, 19).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                            FloatVector t0 = FloatVector.broadcast(S, x[c + 16 * i]);
                            a0 = f0.fma(t0, a0);
                            b0 = g0.fma(t0, b0);
                            t0 = FloatVector.broadcast(S, x[c + 16 * i + 1]);
                            a1 = f0.fma(t0, a1);
                            b1 = g0.fma(t0, b1);
                            t0 = FloatVector.broadcast(S, x[c + 16 * i + 2]);
                            a2 = f0.fma(t0, a2);
                            b2 = g0.fma(t0, b2);
                            t0 = FloatVector.broadcast(S, x[c + 16 * i + 3]);
                            a3 = f0.fma(t0, a3);
                            b3 = g0.fma(t0, b3);
                            FloatVector f1 = v.lanewise(LSHL, 15).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                            FloatVector g1 = u.lanewise(LSHL, 15).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                            FloatVector t1 = FloatVector.broadcast(S, x[c + 16 * i + 4]);
                            a0 = f1.fma(t1, a0);
                            b0 = g1.fma(t1, b0);
                            t1 = FloatVector.broadcast(S, x[c + 16 * i + 5]);
                            a1 = f1.fma(t1, a1);
                            b1 = g1.fma(t1, b1);
                            t1 = FloatVector.broadcast(S, x[c + 16 * i + 6]);
                            a2 = f1.fma(t1, a2);
                            b2 = g1.fma(t1, b2);
                            t1 = FloatVector.broadcast(S, x[c + 16 * i + 7]);
                            a3 = f1.fma(t1, a3);
                            b3 = g1.fma(t1, b3);
                            FloatVector f2 = v.lanewise(LSHL, 11).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                            FloatVector g2 = u.lanewise(LSHL, 11).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                            FloatVector t2 = FloatVector.broadcast(S, x[c + 16 * i + 8]);
                            a0 = f2.fma(t2, a0);
                            b0 = g2.fma(t2, b0);
                            t2 = FloatVector.broadcast(S, x[c + 16 * i + 9]);
                            a1 = f2.fma(t2, a1);
                            b1 = g2.fma(t2, b1);
                            t2 = FloatVector.broadcast(S, x[c + 16 * i + 10]);
                            a2 = f2.fma(t2, a2);
                            b2 = g2.fma(t2, b2);
                            t2 = FloatVector.broadcast(S, x[c + 16 * i + 11]);
                            a3 = f2.fma(t2, a3);
                            b3 = g2.fma(t2, b3);
                            FloatVector f3 = v.lanewise(LSHL, 7).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                            FloatVector g3 = u.lanewise(LSHL, 7).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                            FloatVector t3 = FloatVector.broadcast(S, x[c + 16 * i + 12]);
                            a0 = f3.fma(t3, a0);
                            b0 = g3.fma(t3, b0);
                            t3 = FloatVector.broadcast(S, x[c + 16 * i + 13]);
                            a1 = f3.fma(t3, a1);
                            b1 = g3.fma(t3, b1);
                            t3 = FloatVector.broadcast(S, x[c + 16 * i + 14]);
                            a2 = f3.fma(t3, a2);
                            b2 = g3.fma(t3, b2);
                            t3 = FloatVector.broadcast(S, x[c + 16 * i + 15]);
                            a3 = f3.fma(t3, a3);
                            b3 = g3.fma(t3, b3);
                            v = v.lanewise(LSHR, 16);
                            u = u.lanewise(LSHR, 16);
                        }
                    }
                    long at = (long) ((b >> 2) * run + (b >> unit) + words + k) * VECTOR;
                    int turn = 15 - 8 * (b & 3);
                    FloatVector d = IntVector.fromMemorySegment(I, w, o + at, LE).lanewise(ROL, turn).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle);
                    FloatVector e = IntVector.fromMemorySegment(I, w, p + at, LE).lanewise(ROL, turn).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle);
                    FloatVector r0 = FloatVector.broadcast(S, terms[4 * b]);
                    s0 = d.fma(a0.add(r0), s0);
                    q0 = e.fma(b0.add(r0), q0);
                    FloatVector r1 = FloatVector.broadcast(S, terms[4 * b + 1]);
                    s1 = d.fma(a1.add(r1), s1);
                    q1 = e.fma(b1.add(r1), q1);
                    FloatVector r2 = FloatVector.broadcast(S, terms[4 * b + 2]);
                    s2 = d.fma(a2.add(r2), s2);
                    q2 = e.fma(b2.add(r2), q2);
                    FloatVector r3 = FloatVector.broadcast(S, terms[4 * b + 3]);
                    s3 = d.fma(a3.add(r3), s3);
                    q3 = e.fma(b3.add(r3), q3);
                }
                FloatVector y = IntVector.fromMemorySegment(I, w, o + top, LE).lanewise(LSHL, 16 - 16 * k).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(256f - 512f * k);
                y.fma(s0, FloatVector.fromArray(S, ys, 0)).intoArray(ys, 0);
                y.fma(s1, FloatVector.fromArray(S, ys, L)).intoArray(ys, L);
                y.fma(s2, FloatVector.fromArray(S, ys, 2 * L)).intoArray(ys, 2 * L);
                y.fma(s3, FloatVector.fromArray(S, ys, 3 * L)).intoArray(ys, 3 * L);
                FloatVector z = IntVector.fromMemorySegment(I, w, p + top, LE).lanewise(LSHL, 16 - 16 * k).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(256f - 512f * k);
                z.fma(q0, FloatVector.fromArray(S, zs, 0)).intoArray(zs, 0);
                z.fma(q1, FloatVector.fromArray(S, zs, L)).intoArray(zs, L);
                z.fma(q2, FloatVector.fromArray(S, zs, 2 * L)).intoArray(zs, 2 * L);
                z.fma(q3, FloatVector.fromArray(S, zs, 3 * L)).intoArray(zs, 3 * L);
                terms = sums;
            }
        }
    }

    /** 2-bit codes with quantized scales; a word has 16. */
    public static void dot2(Plane plane, long o, long p, int blocks, float[] x, float[] rests, float[] ys, float[] zs) {
        Arrays.fill(ys, 0, 4 * L, 0);
        Arrays.fill(zs, 0, 4 * L, 0);
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int run = plane.runWords();
        int unit = plane.unitShift();
        int unitWords = plane.unitWords();
        IntVector low = IntVector.broadcast(I, Masks.CODE2[0]);
        IntVector high = IntVector.broadcast(I, Masks.CODE2[1]);
        IntVector one = IntVector.broadcast(I, Masks.ONE[0]);
        IntVector half = IntVector.broadcast(I, Masks.HALF[0]);
        IntVector all = IntVector.broadcast(I, Masks.CODE8[0]);
        FloatVector middle = FloatVector.broadcast(S, 1.5f);
        for (int from = 0; from < blocks; from += 1 << unit) {
            long top = (long) (((from >> unit) + 1) * unitWords - 1) * VECTOR;
            FloatVector s0 = FloatVector.zero(S);
            FloatVector s1 = FloatVector.zero(S);
            FloatVector s2 = FloatVector.zero(S);
            FloatVector s3 = FloatVector.zero(S);
            FloatVector q0 = FloatVector.zero(S);
            FloatVector q1 = FloatVector.zero(S);
            FloatVector q2 = FloatVector.zero(S);
            FloatVector q3 = FloatVector.zero(S);
            for (int b = from; b < from + (1 << unit); b++) {
                FloatVector a0 = FloatVector.zero(S);
                FloatVector a1 = FloatVector.zero(S);
                FloatVector a2 = FloatVector.zero(S);
                FloatVector a3 = FloatVector.zero(S);
                FloatVector b0 = FloatVector.zero(S);
                FloatVector b1 = FloatVector.zero(S);
                FloatVector b2 = FloatVector.zero(S);
                FloatVector b3 = FloatVector.zero(S);
                int gaps = (b + 3 >> 2) + (b >> unit);
                for (int j = b * words; j < (b + 1) * words; j++) {
                    long at = (long) (j + gaps) * VECTOR;
                    int c = 64 * j;
                    IntVector v = IntVector.fromMemorySegment(I, w, o + at, LE);
                    IntVector u = IntVector.fromMemorySegment(I, w, p + at, LE);
                    for (int k = 0; k < 8; k++) {
                        FloatVector f0 = v.lanewise(LSHL, 19).lanewise(AND, low).lanewise(OR, one).reinterpretAsFloats();
                        FloatVector g0 = u.lanewise(LSHL, 19).lanewise(AND, low).lanewise(OR, one).reinterpretAsFloats();
                        FloatVector t0 = FloatVector.broadcast(S, x[c + 8 * k]);
                        a0 = f0.fma(t0, a0);
                        b0 = g0.fma(t0, b0);
                        t0 = FloatVector.broadcast(S, x[c + 8 * k + 1]);
                        a1 = f0.fma(t0, a1);
                        b1 = g0.fma(t0, b1);
                        t0 = FloatVector.broadcast(S, x[c + 8 * k + 2]);
                        a2 = f0.fma(t0, a2);
                        b2 = g0.fma(t0, b2);
                        t0 = FloatVector.broadcast(S, x[c + 8 * k + 3]);
                        a3 = f0.fma(t0, a3);
                        b3 = g0.fma(t0, b3);
                        FloatVector f1 = v.lanewise(LSHL, 19).lanewise(AND, high).lanewise(OR, one).reinterpretAsFloats();
                        FloatVector g1 = u.lanewise(LSHL, 19).lanewise(AND, high).lanewise(OR, one).reinterpretAsFloats();
                        FloatVector t1 = FloatVector.broadcast(S, x[c + 8 * k + 4]);
                        a0 = f1.fma(t1, a0);
                        b0 = g1.fma(t1, b0);
                        t1 = FloatVector.broadcast(S, x[c + 8 * k + 5]);
                        a1 = f1.fma(t1, a1);
                        b1 = g1.fma(t1, b1);
                        t1 = FloatVector.broadcast(S, x[c + 8 * k + 6]);
                        a2 = f1.fma(t1, a2);
                        b2 = g1.fma(t1, b2);
                        t1 = FloatVector.broadcast(S, x[c + 8 * k + 7]);
                        a3 = f1.fma(t1, a3);
                        b3 = g1.fma(t1, b3);
                        v = v.lanewise(LSHR, 4);
                        u = u.lanewise(LSHR, 4);
                    }
                }
                long at = (long) ((b >> 2) * run + (b >> unit) + words) * VECTOR;
                int turn = 15 - 8 * (b & 3);
                FloatVector d = IntVector.fromMemorySegment(I, w, o + at, LE).lanewise(ROL, turn).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle);
                FloatVector e = IntVector.fromMemorySegment(I, w, p + at, LE).lanewise(ROL, turn).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle);
                FloatVector r0 = FloatVector.broadcast(S, rests[4 * b]);
                s0 = d.fma(a0.add(r0), s0);
                q0 = e.fma(b0.add(r0), q0);
                FloatVector r1 = FloatVector.broadcast(S, rests[4 * b + 1]);
                s1 = d.fma(a1.add(r1), s1);
                q1 = e.fma(b1.add(r1), q1);
                FloatVector r2 = FloatVector.broadcast(S, rests[4 * b + 2]);
                s2 = d.fma(a2.add(r2), s2);
                q2 = e.fma(b2.add(r2), q2);
                FloatVector r3 = FloatVector.broadcast(S, rests[4 * b + 3]);
                s3 = d.fma(a3.add(r3), s3);
                q3 = e.fma(b3.add(r3), q3);
            }
            FloatVector y = IntVector.fromMemorySegment(I, w, o + top, LE).lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(256f);
            y.fma(s0, FloatVector.fromArray(S, ys, 0)).intoArray(ys, 0);
            y.fma(s1, FloatVector.fromArray(S, ys, L)).intoArray(ys, L);
            y.fma(s2, FloatVector.fromArray(S, ys, 2 * L)).intoArray(ys, 2 * L);
            y.fma(s3, FloatVector.fromArray(S, ys, 3 * L)).intoArray(ys, 3 * L);
            FloatVector z = IntVector.fromMemorySegment(I, w, p + top, LE).lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(256f);
            z.fma(q0, FloatVector.fromArray(S, zs, 0)).intoArray(zs, 0);
            z.fma(q1, FloatVector.fromArray(S, zs, L)).intoArray(zs, L);
            z.fma(q2, FloatVector.fromArray(S, zs, 2 * L)).intoArray(zs, 2 * L);
            z.fma(q3, FloatVector.fromArray(S, zs, 3 * L)).intoArray(zs, 3 * L);
        }
    }

    /** 2-bit codes with quantized scales and minima; a word has 16. */
    public static void dot2Min(Plane plane, long o, long p, int blocks, float[] x, float[] rests, float[] sums, float[] ys, float[] zs) {
        Arrays.fill(ys, 0, 4 * L, 0);
        Arrays.fill(zs, 0, 4 * L, 0);
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int run = plane.runWords();
        int unit = plane.unitShift();
        int unitWords = plane.unitWords();
        IntVector low = IntVector.broadcast(I, Masks.CODE2[0]);
        IntVector high = IntVector.broadcast(I, Masks.CODE2[1]);
        IntVector one = IntVector.broadcast(I, Masks.ONE[0]);
        IntVector half = IntVector.broadcast(I, Masks.HALF[0]);
        IntVector all = IntVector.broadcast(I, Masks.CODE8[0]);
        FloatVector middle = FloatVector.broadcast(S, 1.5f);
        for (int from = 0; from < blocks; from += 1 << unit) {
            long top = (long) (((from >> unit) + 1) * unitWords - 1) * VECTOR;
            float[] terms = rests;
            // The scales, then the minima, which are multiplied by the sums of activations only.
            for (int k = 0; k < 2; k++) {
                FloatVector s0 = FloatVector.zero(S);
                FloatVector s1 = FloatVector.zero(S);
                FloatVector s2 = FloatVector.zero(S);
                FloatVector s3 = FloatVector.zero(S);
                FloatVector q0 = FloatVector.zero(S);
                FloatVector q1 = FloatVector.zero(S);
                FloatVector q2 = FloatVector.zero(S);
                FloatVector q3 = FloatVector.zero(S);
                for (int b = from; b < from + (1 << unit); b++) {
                    FloatVector a0 = FloatVector.zero(S);
                    FloatVector a1 = FloatVector.zero(S);
                    FloatVector a2 = FloatVector.zero(S);
                    FloatVector a3 = FloatVector.zero(S);
                    FloatVector b0 = FloatVector.zero(S);
                    FloatVector b1 = FloatVector.zero(S);
                    FloatVector b2 = FloatVector.zero(S);
                    FloatVector b3 = FloatVector.zero(S);
                    int gaps = 2 * (b + 3 >> 2) + (b >> unit);
                    for (int j = b * words; j < (b + 1 - k) * words; j++) {
                        long at = (long) (j + gaps) * VECTOR;
                        int c = 64 * j;
                        IntVector v = IntVector.fromMemorySegment(I, w, o + at, LE);
                        IntVector u = IntVector.fromMemorySegment(I, w, p + at, LE);
                        for (int i = 0; i < 8; i++) {
                            FloatVector f0 = v.lanewise(LSHL, 19).lanewise(AND, low).lanewise(OR, one).reinterpretAsFloats();
                            FloatVector g0 = u.lanewise(LSHL, 19).lanewise(AND, low).lanewise(OR, one).reinterpretAsFloats();
                            FloatVector t0 = FloatVector.broadcast(S, x[c + 8 * i]);
                            a0 = f0.fma(t0, a0);
                            b0 = g0.fma(t0, b0);
                            t0 = FloatVector.broadcast(S, x[c + 8 * i + 1]);
                            a1 = f0.fma(t0, a1);
                            b1 = g0.fma(t0, b1);
                            t0 = FloatVector.broadcast(S, x[c + 8 * i + 2]);
                            a2 = f0.fma(t0, a2);
                            b2 = g0.fma(t0, b2);
                            t0 = FloatVector.broadcast(S, x[c + 8 * i + 3]);
                            a3 = f0.fma(t0, a3);
                            b3 = g0.fma(t0, b3);
                            FloatVector f1 = v.lanewise(LSHL, 19).lanewise(AND, high).lanewise(OR, one).reinterpretAsFloats();
                            FloatVector g1 = u.lanewise(LSHL, 19).lanewise(AND, high).lanewise(OR, one).reinterpretAsFloats();
                            FloatVector t1 = FloatVector.broadcast(S, x[c + 8 * i + 4]);
                            a0 = f1.fma(t1, a0);
                            b0 = g1.fma(t1, b0);
                            t1 = FloatVector.broadcast(S, x[c + 8 * i + 5]);
                            a1 = f1.fma(t1, a1);
                            b1 = g1.fma(t1, b1);
                            t1 = FloatVector.broadcast(S, x[c + 8 * i + 6]);
                            a2 = f1.fma(t1, a2);
                            b2 = g1.fma(t1, b2);
                            t1 = FloatVector.broadcast(S, x[c + 8 * i + 7]);
                            a3 = f1.fma(t1, a3);
                            b3 = g1.fma(t1, b3);
                            v = v.lanewise(LSHR, 4);
                            u = u.lanewise(LSHR, 4);
                        }
                    }
                    long at = (long) ((b >> 2) * run + (b >> unit) + words + k) * VECTOR;
                    int turn = 15 - 8 * (b & 3);
                    FloatVector d = IntVector.fromMemorySegment(I, w, o + at, LE).lanewise(ROL, turn).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle);
                    FloatVector e = IntVector.fromMemorySegment(I, w, p + at, LE).lanewise(ROL, turn).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle);
                    FloatVector r0 = FloatVector.broadcast(S, terms[4 * b]);
                    s0 = d.fma(a0.add(r0), s0);
                    q0 = e.fma(b0.add(r0), q0);
                    FloatVector r1 = FloatVector.broadcast(S, terms[4 * b + 1]);
                    s1 = d.fma(a1.add(r1), s1);
                    q1 = e.fma(b1.add(r1), q1);
                    FloatVector r2 = FloatVector.broadcast(S, terms[4 * b + 2]);
                    s2 = d.fma(a2.add(r2), s2);
                    q2 = e.fma(b2.add(r2), q2);
                    FloatVector r3 = FloatVector.broadcast(S, terms[4 * b + 3]);
                    s3 = d.fma(a3.add(r3), s3);
                    q3 = e.fma(b3.add(r3), q3);
                }
                FloatVector y = IntVector.fromMemorySegment(I, w, o + top, LE).lanewise(LSHL, 16 - 16 * k).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(256f - 512f * k);
                y.fma(s0, FloatVector.fromArray(S, ys, 0)).intoArray(ys, 0);
                y.fma(s1, FloatVector.fromArray(S, ys, L)).intoArray(ys, L);
                y.fma(s2, FloatVector.fromArray(S, ys, 2 * L)).intoArray(ys, 2 * L);
                y.fma(s3, FloatVector.fromArray(S, ys, 3 * L)).intoArray(ys, 3 * L);
                FloatVector z = IntVector.fromMemorySegment(I, w, p + top, LE).lanewise(LSHL, 16 - 16 * k).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(256f - 512f * k);
                z.fma(q0, FloatVector.fromArray(S, zs, 0)).intoArray(zs, 0);
                z.fma(q1, FloatVector.fromArray(S, zs, L)).intoArray(zs, L);
                z.fma(q2, FloatVector.fromArray(S, zs, 2 * L)).intoArray(zs, 2 * L);
                z.fma(q3, FloatVector.fromArray(S, zs, 3 * L)).intoArray(zs, 3 * L);
                terms = sums;
            }
        }
    }

    /** Table values of 4-bit codes with quantized scales; a word has 8. */
    public static void dotTable4(Plane plane, long o, long p, int blocks, float[] x, float[] rests, float[] ys, float[] zs, int[] table) {
        Arrays.fill(ys, 0, 4 * L, 0);
        Arrays.fill(zs, 0, 4 * L, 0);
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int run = plane.runWords();
        int unit = plane.unitShift();
        int unitWords = plane.unitWords();
        IntVector low = IntVector.broadcast(I, 15);
        IntVector half = IntVector.broadcast(I, Masks.HALF[0]);
        IntVector one = IntVector.broadcast(I, Masks.ONE[0]);
        IntVector all = IntVector.broadcast(I, Masks.CODE8[0]);
        FloatVector middle = FloatVector.broadcast(S, 1.5f);
        for (int from = 0; from < blocks; from += 1 << unit) {
            long top = (long) (((from >> unit) + 1) * unitWords - 1) * VECTOR;
            FloatVector s0 = FloatVector.zero(S);
            FloatVector s1 = FloatVector.zero(S);
            FloatVector s2 = FloatVector.zero(S);
            FloatVector s3 = FloatVector.zero(S);
            FloatVector q0 = FloatVector.zero(S);
            FloatVector q1 = FloatVector.zero(S);
            FloatVector q2 = FloatVector.zero(S);
            FloatVector q3 = FloatVector.zero(S);
            for (int b = from; b < from + (1 << unit); b++) {
                FloatVector a0 = FloatVector.zero(S);
                FloatVector a1 = FloatVector.zero(S);
                FloatVector a2 = FloatVector.zero(S);
                FloatVector a3 = FloatVector.zero(S);
                FloatVector b0 = FloatVector.zero(S);
                FloatVector b1 = FloatVector.zero(S);
                FloatVector b2 = FloatVector.zero(S);
                FloatVector b3 = FloatVector.zero(S);
                int gaps = (b + 3 >> 2) + (b >> unit);
                for (int j = b * words; j < (b + 1) * words; j++) {
                    long at = (long) (j + gaps) * VECTOR;
                    int c = 32 * j;
                    IntVector v = IntVector.fromMemorySegment(I, w, o + at, LE);
                    IntVector u = IntVector.fromMemorySegment(I, w, p + at, LE);
                    for (int k = 0; k < 8; k++) {
                        FloatVector f0 = PackedPanel.look(v.lanewise(AND, low), table).reinterpretAsFloats();
                        FloatVector g0 = PackedPanel.look(u.lanewise(AND, low), table).reinterpretAsFloats();
                        FloatVector t0 = FloatVector.broadcast(S, x[c + 4 * k]);
                        a0 = f0.fma(t0, a0);
                        b0 = g0.fma(t0, b0);
                        t0 = FloatVector.broadcast(S, x[c + 4 * k + 1]);
                        a1 = f0.fma(t0, a1);
                        b1 = g0.fma(t0, b1);
                        t0 = FloatVector.broadcast(S, x[c + 4 * k + 2]);
                        a2 = f0.fma(t0, a2);
                        b2 = g0.fma(t0, b2);
                        t0 = FloatVector.broadcast(S, x[c + 4 * k + 3]);
                        a3 = f0.fma(t0, a3);
                        b3 = g0.fma(t0, b3);
                        v = v.lanewise(LSHR, 4);
                        u = u.lanewise(LSHR, 4);
                    }
                }
                long at = (long) ((b >> 2) * run + (b >> unit) + words) * VECTOR;
                int turn = 15 - 8 * (b & 3);
                FloatVector d = IntVector.fromMemorySegment(I, w, o + at, LE).lanewise(ROL, turn).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle);
                FloatVector e = IntVector.fromMemorySegment(I, w, p + at, LE).lanewise(ROL, turn).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle);
                FloatVector r0 = FloatVector.broadcast(S, rests[4 * b]);
                s0 = d.fma(a0.add(r0), s0);
                q0 = e.fma(b0.add(r0), q0);
                FloatVector r1 = FloatVector.broadcast(S, rests[4 * b + 1]);
                s1 = d.fma(a1.add(r1), s1);
                q1 = e.fma(b1.add(r1), q1);
                FloatVector r2 = FloatVector.broadcast(S, rests[4 * b + 2]);
                s2 = d.fma(a2.add(r2), s2);
                q2 = e.fma(b2.add(r2), q2);
                FloatVector r3 = FloatVector.broadcast(S, rests[4 * b + 3]);
                s3 = d.fma(a3.add(r3), s3);
                q3 = e.fma(b3.add(r3), q3);
            }
            FloatVector y = IntVector.fromMemorySegment(I, w, o + top, LE).lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(256f);
            y.fma(s0, FloatVector.fromArray(S, ys, 0)).intoArray(ys, 0);
            y.fma(s1, FloatVector.fromArray(S, ys, L)).intoArray(ys, L);
            y.fma(s2, FloatVector.fromArray(S, ys, 2 * L)).intoArray(ys, 2 * L);
            y.fma(s3, FloatVector.fromArray(S, ys, 3 * L)).intoArray(ys, 3 * L);
            FloatVector z = IntVector.fromMemorySegment(I, w, p + top, LE).lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(256f);
            z.fma(q0, FloatVector.fromArray(S, zs, 0)).intoArray(zs, 0);
            z.fma(q1, FloatVector.fromArray(S, zs, L)).intoArray(zs, L);
            z.fma(q2, FloatVector.fromArray(S, zs, 2 * L)).intoArray(zs, 2 * L);
            z.fma(q3, FloatVector.fromArray(S, zs, 3 * L)).intoArray(zs, 3 * L);
        }
    }
    // spotless:on
}
