package dev.skald.kernels.product;

import static jdk.incubator.vector.VectorOperators.AND;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.OR;

import dev.skald.kernels.pack.Plane;
import dev.skald.kernels.platform.VectorKernels;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Products of packed matrices with four rows of activations: for two groups of rows, with each code converted to a
 * float once. {@link PackedSuperBatch} has the kernels for scales that have a scale themselves.
 *
 * <p>This works like {@link PackedDot}, with four tokens instead of four groups: {@code x[field][4 tokens]}, {@code
 * rests[block][4 tokens]} and {@code sums[block][4 tokens]} for the two groups at {@code o} and {@code p}, whose
 * results are {@code ys[4 tokens][lanes]} and {@code zs}, without the factor on results. Scales, too, are converted to
 * floats once for four tokens.
 */
final class PackedBatch {
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

    /** 8-bit codes with half-precision scales; a word has 4. */
    public static void dot8(Plane plane, long o, long p, int blocks, float[] x, float[] rests, float[] ys, float[] zs) {
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int run = plane.runWords();
        IntVector code = IntVector.broadcast(I, Masks.CODE8[0]);
        IntVector one = IntVector.broadcast(I, Masks.ONE[0]);
        IntVector half = IntVector.broadcast(I, Masks.HALF[0]);
        FloatVector y0 = FloatVector.zero(S);
        FloatVector y1 = FloatVector.zero(S);
        FloatVector y2 = FloatVector.zero(S);
        FloatVector y3 = FloatVector.zero(S);
        FloatVector z0 = FloatVector.zero(S);
        FloatVector z1 = FloatVector.zero(S);
        FloatVector z2 = FloatVector.zero(S);
        FloatVector z3 = FloatVector.zero(S);
        for (int b = 0; b < blocks; b++) {
            FloatVector a0 = FloatVector.zero(S);
            FloatVector a1 = FloatVector.zero(S);
            FloatVector a2 = FloatVector.zero(S);
            FloatVector a3 = FloatVector.zero(S);
            FloatVector b0 = FloatVector.zero(S);
            FloatVector b1 = FloatVector.zero(S);
            FloatVector b2 = FloatVector.zero(S);
            FloatVector b3 = FloatVector.zero(S);
            int gaps = b + 1 >> 1;
            for (int j = b * words; j < (b + 1) * words; j++) {
                long at = (long) (j + gaps) * VECTOR;
                int c = 16 * j;
                IntVector v = IntVector.fromMemorySegment(I, w, o + at, LE);
                IntVector u = IntVector.fromMemorySegment(I, w, p + at, LE);
                for (int k = 0; k < 2; k++) {
                    FloatVector f0 = v.lanewise(LSHL, 15).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                    FloatVector g0 = u.lanewise(LSHL, 15).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
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
                    FloatVector f1 = v.lanewise(LSHL, 7).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                    FloatVector g1 = u.lanewise(LSHL, 7).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
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
                    v = v.lanewise(LSHR, 16);
                    u = u.lanewise(LSHR, 16);
                }
            }
            long at = (long) ((b >> 1) * run + words) * VECTOR;
            int up = 16 - 16 * (b & 1);
            FloatVector d = IntVector.fromMemorySegment(I, w, o + at, LE).lanewise(LSHL, up).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats();
            FloatVector e = IntVector.fromMemorySegment(I, w, p + at, LE).lanewise(LSHL, up).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats();
            FloatVector r0 = FloatVector.broadcast(S, rests[4 * b]);
            y0 = d.fma(a0.add(r0), y0);
            z0 = e.fma(b0.add(r0), z0);
            FloatVector r1 = FloatVector.broadcast(S, rests[4 * b + 1]);
            y1 = d.fma(a1.add(r1), y1);
            z1 = e.fma(b1.add(r1), z1);
            FloatVector r2 = FloatVector.broadcast(S, rests[4 * b + 2]);
            y2 = d.fma(a2.add(r2), y2);
            z2 = e.fma(b2.add(r2), z2);
            FloatVector r3 = FloatVector.broadcast(S, rests[4 * b + 3]);
            y3 = d.fma(a3.add(r3), y3);
            z3 = e.fma(b3.add(r3), z3);
        }
        y0.intoArray(ys, 0);
        y1.intoArray(ys, L);
        y2.intoArray(ys, 2 * L);
        y3.intoArray(ys, 3 * L);
        z0.intoArray(zs, 0);
        z1.intoArray(zs, L);
        z2.intoArray(zs, 2 * L);
        z3.intoArray(zs, 3 * L);
    }

    /** 5-bit codes with half-precision scales; a word has 6, and one bit of each of two more. */
    public static void dot5(Plane plane, long o, long p, int blocks, float[] x, float[] rests, float[] ys, float[] zs) {
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int run = plane.runWords();
        IntVector code = IntVector.broadcast(I, Masks.CODE5[0]);
        IntVector bit30 = IntVector.broadcast(I, Masks.CODE5[1]);
        IntVector bit31 = IntVector.broadcast(I, Masks.CODE5[2]);
        IntVector one = IntVector.broadcast(I, Masks.ONE[0]);
        IntVector half = IntVector.broadcast(I, Masks.HALF[0]);
        FloatVector y0 = FloatVector.zero(S);
        FloatVector y1 = FloatVector.zero(S);
        FloatVector y2 = FloatVector.zero(S);
        FloatVector y3 = FloatVector.zero(S);
        FloatVector z0 = FloatVector.zero(S);
        FloatVector z1 = FloatVector.zero(S);
        FloatVector z2 = FloatVector.zero(S);
        FloatVector z3 = FloatVector.zero(S);
        for (int b = 0; b < blocks; b++) {
            FloatVector a0 = FloatVector.zero(S);
            FloatVector a1 = FloatVector.zero(S);
            FloatVector a2 = FloatVector.zero(S);
            FloatVector a3 = FloatVector.zero(S);
            FloatVector b0 = FloatVector.zero(S);
            FloatVector b1 = FloatVector.zero(S);
            FloatVector b2 = FloatVector.zero(S);
            FloatVector b3 = FloatVector.zero(S);
            int gaps = b + 1 >> 1;
            for (int j = b * words; j < (b + 1) * words; j++) {
                long at = (long) (j + gaps) * VECTOR;
                int c = 32 * j;
                IntVector v = IntVector.fromMemorySegment(I, w, o + at, LE);
                IntVector u = IntVector.fromMemorySegment(I, w, p + at, LE);
                for (int k = 0; k < 6; k++) {
                    FloatVector f0 = v.lanewise(LSHL, 18).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                    FloatVector g0 = u.lanewise(LSHL, 18).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
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
            long at = (long) ((b >> 1) * run + words) * VECTOR;
            int up = 16 - 16 * (b & 1);
            FloatVector d = IntVector.fromMemorySegment(I, w, o + at, LE).lanewise(LSHL, up).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats();
            FloatVector e = IntVector.fromMemorySegment(I, w, p + at, LE).lanewise(LSHL, up).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats();
            FloatVector r0 = FloatVector.broadcast(S, rests[4 * b]);
            y0 = d.fma(a0.add(r0), y0);
            z0 = e.fma(b0.add(r0), z0);
            FloatVector r1 = FloatVector.broadcast(S, rests[4 * b + 1]);
            y1 = d.fma(a1.add(r1), y1);
            z1 = e.fma(b1.add(r1), z1);
            FloatVector r2 = FloatVector.broadcast(S, rests[4 * b + 2]);
            y2 = d.fma(a2.add(r2), y2);
            z2 = e.fma(b2.add(r2), z2);
            FloatVector r3 = FloatVector.broadcast(S, rests[4 * b + 3]);
            y3 = d.fma(a3.add(r3), y3);
            z3 = e.fma(b3.add(r3), z3);
        }
        y0.intoArray(ys, 0);
        y1.intoArray(ys, L);
        y2.intoArray(ys, 2 * L);
        y3.intoArray(ys, 3 * L);
        z0.intoArray(zs, 0);
        z1.intoArray(zs, L);
        z2.intoArray(zs, 2 * L);
        z3.intoArray(zs, 3 * L);
    }

    /** 5-bit codes with half-precision scales and minima; a word has 6, and one bit of each of two more. */
    public static void dot5Min(Plane plane, long o, long p, int blocks, float[] x, float[] rests, float[] sums, float[] ys, float[] zs) {
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int run = plane.runWords();
        IntVector code = IntVector.broadcast(I, Masks.CODE5[0]);
        IntVector bit30 = IntVector.broadcast(I, Masks.CODE5[1]);
        IntVector bit31 = IntVector.broadcast(I, Masks.CODE5[2]);
        IntVector one = IntVector.broadcast(I, Masks.ONE[0]);
        IntVector half = IntVector.broadcast(I, Masks.HALF[0]);
        FloatVector y0 = FloatVector.zero(S);
        FloatVector y1 = FloatVector.zero(S);
        FloatVector y2 = FloatVector.zero(S);
        FloatVector y3 = FloatVector.zero(S);
        FloatVector z0 = FloatVector.zero(S);
        FloatVector z1 = FloatVector.zero(S);
        FloatVector z2 = FloatVector.zero(S);
        FloatVector z3 = FloatVector.zero(S);
        for (int b = 0; b < blocks; b++) {
            FloatVector a0 = FloatVector.zero(S);
            FloatVector a1 = FloatVector.zero(S);
            FloatVector a2 = FloatVector.zero(S);
            FloatVector a3 = FloatVector.zero(S);
            FloatVector b0 = FloatVector.zero(S);
            FloatVector b1 = FloatVector.zero(S);
            FloatVector b2 = FloatVector.zero(S);
            FloatVector b3 = FloatVector.zero(S);
            int gaps = b;
            for (int j = b * words; j < (b + 1) * words; j++) {
                long at = (long) (j + gaps) * VECTOR;
                int c = 32 * j;
                IntVector v = IntVector.fromMemorySegment(I, w, o + at, LE);
                IntVector u = IntVector.fromMemorySegment(I, w, p + at, LE);
                for (int k = 0; k < 6; k++) {
                    FloatVector f0 = v.lanewise(LSHL, 18).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                    FloatVector g0 = u.lanewise(LSHL, 18).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
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
            long at = (long) (b * run + words) * VECTOR;
            FloatVector d = IntVector.fromMemorySegment(I, w, o + at, LE).lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats();
            FloatVector e = IntVector.fromMemorySegment(I, w, p + at, LE).lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats();
            FloatVector r0 = FloatVector.broadcast(S, rests[4 * b]);
            y0 = d.fma(a0.add(r0), y0);
            z0 = e.fma(b0.add(r0), z0);
            FloatVector r1 = FloatVector.broadcast(S, rests[4 * b + 1]);
            y1 = d.fma(a1.add(r1), y1);
            z1 = e.fma(b1.add(r1), z1);
            FloatVector r2 = FloatVector.broadcast(S, rests[4 * b + 2]);
            y2 = d.fma(a2.add(r2), y2);
            z2 = e.fma(b2.add(r2), z2);
            FloatVector r3 = FloatVector.broadcast(S, rests[4 * b + 3]);
            y3 = d.fma(a3.add(r3), y3);
            z3 = e.fma(b3.add(r3), z3);
            FloatVector dm = IntVector.fromMemorySegment(I, w, o + at, LE).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats();
            FloatVector em = IntVector.fromMemorySegment(I, w, p + at, LE).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats();
            FloatVector rm0 = FloatVector.broadcast(S, sums[4 * b]);
            y0 = dm.fma(rm0, y0);
            z0 = em.fma(rm0, z0);
            FloatVector rm1 = FloatVector.broadcast(S, sums[4 * b + 1]);
            y1 = dm.fma(rm1, y1);
            z1 = em.fma(rm1, z1);
            FloatVector rm2 = FloatVector.broadcast(S, sums[4 * b + 2]);
            y2 = dm.fma(rm2, y2);
            z2 = em.fma(rm2, z2);
            FloatVector rm3 = FloatVector.broadcast(S, sums[4 * b + 3]);
            y3 = dm.fma(rm3, y3);
            z3 = em.fma(rm3, z3);
        }
        y0.intoArray(ys, 0);
        y1.intoArray(ys, L);
        y2.intoArray(ys, 2 * L);
        y3.intoArray(ys, 3 * L);
        z0.intoArray(zs, 0);
        z1.intoArray(zs, L);
        z2.intoArray(zs, 2 * L);
        z3.intoArray(zs, 3 * L);
    }

    /** 4-bit codes with half-precision scales; a word has 8. */
    public static void dot4(Plane plane, long o, long p, int blocks, float[] x, float[] rests, float[] ys, float[] zs) {
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int run = plane.runWords();
        IntVector code = IntVector.broadcast(I, Masks.CODE4[0]);
        IntVector one = IntVector.broadcast(I, Masks.ONE[0]);
        IntVector half = IntVector.broadcast(I, Masks.HALF[0]);
        FloatVector y0 = FloatVector.zero(S);
        FloatVector y1 = FloatVector.zero(S);
        FloatVector y2 = FloatVector.zero(S);
        FloatVector y3 = FloatVector.zero(S);
        FloatVector z0 = FloatVector.zero(S);
        FloatVector z1 = FloatVector.zero(S);
        FloatVector z2 = FloatVector.zero(S);
        FloatVector z3 = FloatVector.zero(S);
        for (int b = 0; b < blocks; b++) {
            FloatVector a0 = FloatVector.zero(S);
            FloatVector a1 = FloatVector.zero(S);
            FloatVector a2 = FloatVector.zero(S);
            FloatVector a3 = FloatVector.zero(S);
            FloatVector b0 = FloatVector.zero(S);
            FloatVector b1 = FloatVector.zero(S);
            FloatVector b2 = FloatVector.zero(S);
            FloatVector b3 = FloatVector.zero(S);
            int gaps = b + 1 >> 1;
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
            long at = (long) ((b >> 1) * run + words) * VECTOR;
            int up = 16 - 16 * (b & 1);
            FloatVector d = IntVector.fromMemorySegment(I, w, o + at, LE).lanewise(LSHL, up).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats();
            FloatVector e = IntVector.fromMemorySegment(I, w, p + at, LE).lanewise(LSHL, up).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats();
            FloatVector r0 = FloatVector.broadcast(S, rests[4 * b]);
            y0 = d.fma(a0.add(r0), y0);
            z0 = e.fma(b0.add(r0), z0);
            FloatVector r1 = FloatVector.broadcast(S, rests[4 * b + 1]);
            y1 = d.fma(a1.add(r1), y1);
            z1 = e.fma(b1.add(r1), z1);
            FloatVector r2 = FloatVector.broadcast(S, rests[4 * b + 2]);
            y2 = d.fma(a2.add(r2), y2);
            z2 = e.fma(b2.add(r2), z2);
            FloatVector r3 = FloatVector.broadcast(S, rests[4 * b + 3]);
            y3 = d.fma(a3.add(r3), y3);
            z3 = e.fma(b3.add(r3), z3);
        }
        y0.intoArray(ys, 0);
        y1.intoArray(ys, L);
        y2.intoArray(ys, 2 * L);
        y3.intoArray(ys, 3 * L);
        z0.intoArray(zs, 0);
        z1.intoArray(zs, L);
        z2.intoArray(zs, 2 * L);
        z3.intoArray(zs, 3 * L);
    }

    /** 4-bit codes with half-precision scales and minima; a word has 8. */
    public static void dot4Min(Plane plane, long o, long p, int blocks, float[] x, float[] rests, float[] sums, float[] ys, float[] zs) {
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int run = plane.runWords();
        IntVector code = IntVector.broadcast(I, Masks.CODE4[0]);
        IntVector one = IntVector.broadcast(I, Masks.ONE[0]);
        IntVector half = IntVector.broadcast(I, Masks.HALF[0]);
        FloatVector y0 = FloatVector.zero(S);
        FloatVector y1 = FloatVector.zero(S);
        FloatVector y2 = FloatVector.zero(S);
        FloatVector y3 = FloatVector.zero(S);
        FloatVector z0 = FloatVector.zero(S);
        FloatVector z1 = FloatVector.zero(S);
        FloatVector z2 = FloatVector.zero(S);
        FloatVector z3 = FloatVector.zero(S);
        for (int b = 0; b < blocks; b++) {
            FloatVector a0 = FloatVector.zero(S);
            FloatVector a1 = FloatVector.zero(S);
            FloatVector a2 = FloatVector.zero(S);
            FloatVector a3 = FloatVector.zero(S);
            FloatVector b0 = FloatVector.zero(S);
            FloatVector b1 = FloatVector.zero(S);
            FloatVector b2 = FloatVector.zero(S);
            FloatVector b3 = FloatVector.zero(S);
            int gaps = b;
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
            long at = (long) (b * run + words) * VECTOR;
            FloatVector d = IntVector.fromMemorySegment(I, w, o + at, LE).lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats();
            FloatVector e = IntVector.fromMemorySegment(I, w, p + at, LE).lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats();
            FloatVector r0 = FloatVector.broadcast(S, rests[4 * b]);
            y0 = d.fma(a0.add(r0), y0);
            z0 = e.fma(b0.add(r0), z0);
            FloatVector r1 = FloatVector.broadcast(S, rests[4 * b + 1]);
            y1 = d.fma(a1.add(r1), y1);
            z1 = e.fma(b1.add(r1), z1);
            FloatVector r2 = FloatVector.broadcast(S, rests[4 * b + 2]);
            y2 = d.fma(a2.add(r2), y2);
            z2 = e.fma(b2.add(r2), z2);
            FloatVector r3 = FloatVector.broadcast(S, rests[4 * b + 3]);
            y3 = d.fma(a3.add(r3), y3);
            z3 = e.fma(b3.add(r3), z3);
            FloatVector dm = IntVector.fromMemorySegment(I, w, o + at, LE).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats();
            FloatVector em = IntVector.fromMemorySegment(I, w, p + at, LE).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats();
            FloatVector rm0 = FloatVector.broadcast(S, sums[4 * b]);
            y0 = dm.fma(rm0, y0);
            z0 = em.fma(rm0, z0);
            FloatVector rm1 = FloatVector.broadcast(S, sums[4 * b + 1]);
            y1 = dm.fma(rm1, y1);
            z1 = em.fma(rm1, z1);
            FloatVector rm2 = FloatVector.broadcast(S, sums[4 * b + 2]);
            y2 = dm.fma(rm2, y2);
            z2 = em.fma(rm2, z2);
            FloatVector rm3 = FloatVector.broadcast(S, sums[4 * b + 3]);
            y3 = dm.fma(rm3, y3);
            z3 = em.fma(rm3, z3);
        }
        y0.intoArray(ys, 0);
        y1.intoArray(ys, L);
        y2.intoArray(ys, 2 * L);
        y3.intoArray(ys, 3 * L);
        z0.intoArray(zs, 0);
        z1.intoArray(zs, L);
        z2.intoArray(zs, 2 * L);
        z3.intoArray(zs, 3 * L);
    }

    /** 2-bit codes with half-precision scales; a word has 16. */
    public static void dot2(Plane plane, long o, long p, int blocks, float[] x, float[] rests, float[] ys, float[] zs) {
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int run = plane.runWords();
        IntVector low = IntVector.broadcast(I, Masks.CODE2[0]);
        IntVector high = IntVector.broadcast(I, Masks.CODE2[1]);
        IntVector one = IntVector.broadcast(I, Masks.ONE[0]);
        IntVector half = IntVector.broadcast(I, Masks.HALF[0]);
        FloatVector y0 = FloatVector.zero(S);
        FloatVector y1 = FloatVector.zero(S);
        FloatVector y2 = FloatVector.zero(S);
        FloatVector y3 = FloatVector.zero(S);
        FloatVector z0 = FloatVector.zero(S);
        FloatVector z1 = FloatVector.zero(S);
        FloatVector z2 = FloatVector.zero(S);
        FloatVector z3 = FloatVector.zero(S);
        for (int b = 0; b < blocks; b++) {
            FloatVector a0 = FloatVector.zero(S);
            FloatVector a1 = FloatVector.zero(S);
            FloatVector a2 = FloatVector.zero(S);
            FloatVector a3 = FloatVector.zero(S);
            FloatVector b0 = FloatVector.zero(S);
            FloatVector b1 = FloatVector.zero(S);
            FloatVector b2 = FloatVector.zero(S);
            FloatVector b3 = FloatVector.zero(S);
            int gaps = b + 1 >> 1;
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
            long at = (long) ((b >> 1) * run + words) * VECTOR;
            int up = 16 - 16 * (b & 1);
            FloatVector d = IntVector.fromMemorySegment(I, w, o + at, LE).lanewise(LSHL, up).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats();
            FloatVector e = IntVector.fromMemorySegment(I, w, p + at, LE).lanewise(LSHL, up).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats();
            FloatVector r0 = FloatVector.broadcast(S, rests[4 * b]);
            y0 = d.fma(a0.add(r0), y0);
            z0 = e.fma(b0.add(r0), z0);
            FloatVector r1 = FloatVector.broadcast(S, rests[4 * b + 1]);
            y1 = d.fma(a1.add(r1), y1);
            z1 = e.fma(b1.add(r1), z1);
            FloatVector r2 = FloatVector.broadcast(S, rests[4 * b + 2]);
            y2 = d.fma(a2.add(r2), y2);
            z2 = e.fma(b2.add(r2), z2);
            FloatVector r3 = FloatVector.broadcast(S, rests[4 * b + 3]);
            y3 = d.fma(a3.add(r3), y3);
            z3 = e.fma(b3.add(r3), z3);
        }
        y0.intoArray(ys, 0);
        y1.intoArray(ys, L);
        y2.intoArray(ys, 2 * L);
        y3.intoArray(ys, 3 * L);
        z0.intoArray(zs, 0);
        z1.intoArray(zs, L);
        z2.intoArray(zs, 2 * L);
        z3.intoArray(zs, 3 * L);
    }

    /** Table values of 4-bit codes with half-precision scales; a word has 8. */
    public static void dotTable4(Plane plane, long o, long p, int blocks, float[] x, float[] rests, float[] ys, float[] zs, int[] table) {
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int run = plane.runWords();
        IntVector low = IntVector.broadcast(I, 15);
        IntVector half = IntVector.broadcast(I, Masks.HALF[0]);
        FloatVector y0 = FloatVector.zero(S);
        FloatVector y1 = FloatVector.zero(S);
        FloatVector y2 = FloatVector.zero(S);
        FloatVector y3 = FloatVector.zero(S);
        FloatVector z0 = FloatVector.zero(S);
        FloatVector z1 = FloatVector.zero(S);
        FloatVector z2 = FloatVector.zero(S);
        FloatVector z3 = FloatVector.zero(S);
        for (int b = 0; b < blocks; b++) {
            FloatVector a0 = FloatVector.zero(S);
            FloatVector a1 = FloatVector.zero(S);
            FloatVector a2 = FloatVector.zero(S);
            FloatVector a3 = FloatVector.zero(S);
            FloatVector b0 = FloatVector.zero(S);
            FloatVector b1 = FloatVector.zero(S);
            FloatVector b2 = FloatVector.zero(S);
            FloatVector b3 = FloatVector.zero(S);
            int gaps = b + 1 >> 1;
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
            long at = (long) ((b >> 1) * run + words) * VECTOR;
            int up = 16 - 16 * (b & 1);
            FloatVector d = IntVector.fromMemorySegment(I, w, o + at, LE).lanewise(LSHL, up).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats();
            FloatVector e = IntVector.fromMemorySegment(I, w, p + at, LE).lanewise(LSHL, up).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats();
            FloatVector r0 = FloatVector.broadcast(S, rests[4 * b]);
            y0 = d.fma(a0.add(r0), y0);
            z0 = e.fma(b0.add(r0), z0);
            FloatVector r1 = FloatVector.broadcast(S, rests[4 * b + 1]);
            y1 = d.fma(a1.add(r1), y1);
            z1 = e.fma(b1.add(r1), z1);
            FloatVector r2 = FloatVector.broadcast(S, rests[4 * b + 2]);
            y2 = d.fma(a2.add(r2), y2);
            z2 = e.fma(b2.add(r2), z2);
            FloatVector r3 = FloatVector.broadcast(S, rests[4 * b + 3]);
            y3 = d.fma(a3.add(r3), y3);
            z3 = e.fma(b3.add(r3), z3);
        }
        y0.intoArray(ys, 0);
        y1.intoArray(ys, L);
        y2.intoArray(ys, 2 * L);
        y3.intoArray(ys, 3 * L);
        z0.intoArray(zs, 0);
        z1.intoArray(zs, L);
        z2.intoArray(zs, 2 * L);
        z3.intoArray(zs, 3 * L);
    }

    /** Table values of 4-bit codes with bfloat16 scales; a word has 8. */
    public static void dotTable4BF16(Plane plane, long o, long p, int blocks, float[] x, float[] rests, float[] ys, float[] zs, int[] table) {
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int run = plane.runWords();
        IntVector low = IntVector.broadcast(I, 15);
        IntVector half = IntVector.broadcast(I, Masks.UPPER[0]);
        FloatVector y0 = FloatVector.zero(S);
        FloatVector y1 = FloatVector.zero(S);
        FloatVector y2 = FloatVector.zero(S);
        FloatVector y3 = FloatVector.zero(S);
        FloatVector z0 = FloatVector.zero(S);
        FloatVector z1 = FloatVector.zero(S);
        FloatVector z2 = FloatVector.zero(S);
        FloatVector z3 = FloatVector.zero(S);
        for (int b = 0; b < blocks; b++) {
            FloatVector a0 = FloatVector.zero(S);
            FloatVector a1 = FloatVector.zero(S);
            FloatVector a2 = FloatVector.zero(S);
            FloatVector a3 = FloatVector.zero(S);
            FloatVector b0 = FloatVector.zero(S);
            FloatVector b1 = FloatVector.zero(S);
            FloatVector b2 = FloatVector.zero(S);
            FloatVector b3 = FloatVector.zero(S);
            int gaps = b + 1 >> 1;
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
            long at = (long) ((b >> 1) * run + words) * VECTOR;
            int up = 16 - 16 * (b & 1);
            FloatVector d = IntVector.fromMemorySegment(I, w, o + at, LE).lanewise(LSHL, up).lanewise(AND, half).reinterpretAsFloats();
            FloatVector e = IntVector.fromMemorySegment(I, w, p + at, LE).lanewise(LSHL, up).lanewise(AND, half).reinterpretAsFloats();
            FloatVector r0 = FloatVector.broadcast(S, rests[4 * b]);
            y0 = d.fma(a0.add(r0), y0);
            z0 = e.fma(b0.add(r0), z0);
            FloatVector r1 = FloatVector.broadcast(S, rests[4 * b + 1]);
            y1 = d.fma(a1.add(r1), y1);
            z1 = e.fma(b1.add(r1), z1);
            FloatVector r2 = FloatVector.broadcast(S, rests[4 * b + 2]);
            y2 = d.fma(a2.add(r2), y2);
            z2 = e.fma(b2.add(r2), z2);
            FloatVector r3 = FloatVector.broadcast(S, rests[4 * b + 3]);
            y3 = d.fma(a3.add(r3), y3);
            z3 = e.fma(b3.add(r3), z3);
        }
        y0.intoArray(ys, 0);
        y1.intoArray(ys, L);
        y2.intoArray(ys, 2 * L);
        y3.intoArray(ys, 3 * L);
        z0.intoArray(zs, 0);
        z1.intoArray(zs, L);
        z2.intoArray(zs, 2 * L);
        z3.intoArray(zs, 3 * L);
    }

    /** Floats; a word is one. */
    public static void dotF32(Plane plane, long o, long p, int blocks, float[] x, float[] ys, float[] zs) {
        MemorySegment w = plane.data();
        int words = plane.rowWords(blocks);
        FloatVector y0 = FloatVector.zero(S);
        FloatVector y1 = FloatVector.zero(S);
        FloatVector y2 = FloatVector.zero(S);
        FloatVector y3 = FloatVector.zero(S);
        FloatVector z0 = FloatVector.zero(S);
        FloatVector z1 = FloatVector.zero(S);
        FloatVector z2 = FloatVector.zero(S);
        FloatVector z3 = FloatVector.zero(S);
        for (int j = 0; j < words; j++) {
            long at = (long) j * VECTOR;
            int c = 4 * j;
            IntVector v = IntVector.fromMemorySegment(I, w, o + at, LE);
            IntVector u = IntVector.fromMemorySegment(I, w, p + at, LE);
            FloatVector f0 = v.reinterpretAsFloats();
            FloatVector g0 = u.reinterpretAsFloats();
            FloatVector t0 = FloatVector.broadcast(S, x[c]);
            y0 = f0.fma(t0, y0);
            z0 = g0.fma(t0, z0);
            t0 = FloatVector.broadcast(S, x[c + 1]);
            y1 = f0.fma(t0, y1);
            z1 = g0.fma(t0, z1);
            t0 = FloatVector.broadcast(S, x[c + 2]);
            y2 = f0.fma(t0, y2);
            z2 = g0.fma(t0, z2);
            t0 = FloatVector.broadcast(S, x[c + 3]);
            y3 = f0.fma(t0, y3);
            z3 = g0.fma(t0, z3);
        }
        y0.intoArray(ys, 0);
        y1.intoArray(ys, L);
        y2.intoArray(ys, 2 * L);
        y3.intoArray(ys, 3 * L);
        z0.intoArray(zs, 0);
        z1.intoArray(zs, L);
        z2.intoArray(zs, 2 * L);
        z3.intoArray(zs, 3 * L);
    }

    /** Half-precision floats times 2^-112; a word has two. */
    public static void dotF16(Plane plane, long o, long p, int blocks, float[] x, float[] ys, float[] zs) {
        MemorySegment w = plane.data();
        int words = plane.rowWords(blocks);
        IntVector mask = IntVector.broadcast(I, Masks.HALF[0]);
        FloatVector y0 = FloatVector.zero(S);
        FloatVector y1 = FloatVector.zero(S);
        FloatVector y2 = FloatVector.zero(S);
        FloatVector y3 = FloatVector.zero(S);
        FloatVector z0 = FloatVector.zero(S);
        FloatVector z1 = FloatVector.zero(S);
        FloatVector z2 = FloatVector.zero(S);
        FloatVector z3 = FloatVector.zero(S);
        for (int j = 0; j < words; j++) {
            long at = (long) j * VECTOR;
            int c = 8 * j;
            IntVector v = IntVector.fromMemorySegment(I, w, o + at, LE);
            IntVector u = IntVector.fromMemorySegment(I, w, p + at, LE);
            FloatVector f0 = v.lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, mask).reinterpretAsFloats();
            FloatVector g0 = u.lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, mask).reinterpretAsFloats();
            FloatVector t0 = FloatVector.broadcast(S, x[c]);
            y0 = f0.fma(t0, y0);
            z0 = g0.fma(t0, z0);
            t0 = FloatVector.broadcast(S, x[c + 1]);
            y1 = f0.fma(t0, y1);
            z1 = g0.fma(t0, z1);
            t0 = FloatVector.broadcast(S, x[c + 2]);
            y2 = f0.fma(t0, y2);
            z2 = g0.fma(t0, z2);
            t0 = FloatVector.broadcast(S, x[c + 3]);
            y3 = f0.fma(t0, y3);
            z3 = g0.fma(t0, z3);
            FloatVector f1 = v.lanewise(ASHR, 3).lanewise(AND, mask).reinterpretAsFloats();
            FloatVector g1 = u.lanewise(ASHR, 3).lanewise(AND, mask).reinterpretAsFloats();
            FloatVector t1 = FloatVector.broadcast(S, x[c + 4]);
            y0 = f1.fma(t1, y0);
            z0 = g1.fma(t1, z0);
            t1 = FloatVector.broadcast(S, x[c + 5]);
            y1 = f1.fma(t1, y1);
            z1 = g1.fma(t1, z1);
            t1 = FloatVector.broadcast(S, x[c + 6]);
            y2 = f1.fma(t1, y2);
            z2 = g1.fma(t1, z2);
            t1 = FloatVector.broadcast(S, x[c + 7]);
            y3 = f1.fma(t1, y3);
            z3 = g1.fma(t1, z3);
        }
        y0.intoArray(ys, 0);
        y1.intoArray(ys, L);
        y2.intoArray(ys, 2 * L);
        y3.intoArray(ys, 3 * L);
        z0.intoArray(zs, 0);
        z1.intoArray(zs, L);
        z2.intoArray(zs, 2 * L);
        z3.intoArray(zs, 3 * L);
    }

    /** Bfloat16 numbers; a word has two. */
    public static void dotBF16(Plane plane, long o, long p, int blocks, float[] x, float[] ys, float[] zs) {
        MemorySegment w = plane.data();
        int words = plane.rowWords(blocks);
        IntVector mask = IntVector.broadcast(I, Masks.UPPER[0]);
        FloatVector y0 = FloatVector.zero(S);
        FloatVector y1 = FloatVector.zero(S);
        FloatVector y2 = FloatVector.zero(S);
        FloatVector y3 = FloatVector.zero(S);
        FloatVector z0 = FloatVector.zero(S);
        FloatVector z1 = FloatVector.zero(S);
        FloatVector z2 = FloatVector.zero(S);
        FloatVector z3 = FloatVector.zero(S);
        for (int j = 0; j < words; j++) {
            long at = (long) j * VECTOR;
            int c = 8 * j;
            IntVector v = IntVector.fromMemorySegment(I, w, o + at, LE);
            IntVector u = IntVector.fromMemorySegment(I, w, p + at, LE);
            FloatVector f0 = v.lanewise(LSHL, 16).reinterpretAsFloats();
            FloatVector g0 = u.lanewise(LSHL, 16).reinterpretAsFloats();
            FloatVector t0 = FloatVector.broadcast(S, x[c]);
            y0 = f0.fma(t0, y0);
            z0 = g0.fma(t0, z0);
            t0 = FloatVector.broadcast(S, x[c + 1]);
            y1 = f0.fma(t0, y1);
            z1 = g0.fma(t0, z1);
            t0 = FloatVector.broadcast(S, x[c + 2]);
            y2 = f0.fma(t0, y2);
            z2 = g0.fma(t0, z2);
            t0 = FloatVector.broadcast(S, x[c + 3]);
            y3 = f0.fma(t0, y3);
            z3 = g0.fma(t0, z3);
            FloatVector f1 = v.lanewise(AND, mask).reinterpretAsFloats();
            FloatVector g1 = u.lanewise(AND, mask).reinterpretAsFloats();
            FloatVector t1 = FloatVector.broadcast(S, x[c + 4]);
            y0 = f1.fma(t1, y0);
            z0 = g1.fma(t1, z0);
            t1 = FloatVector.broadcast(S, x[c + 5]);
            y1 = f1.fma(t1, y1);
            z1 = g1.fma(t1, z1);
            t1 = FloatVector.broadcast(S, x[c + 6]);
            y2 = f1.fma(t1, y2);
            z2 = g1.fma(t1, z2);
            t1 = FloatVector.broadcast(S, x[c + 7]);
            y3 = f1.fma(t1, y3);
            z3 = g1.fma(t1, z3);
        }
        y0.intoArray(ys, 0);
        y1.intoArray(ys, L);
        y2.intoArray(ys, 2 * L);
        y3.intoArray(ys, 3 * L);
        z0.intoArray(zs, 0);
        z1.intoArray(zs, L);
        z2.intoArray(zs, 2 * L);
        z3.intoArray(zs, 3 * L);
    }
    // spotless:on
}
