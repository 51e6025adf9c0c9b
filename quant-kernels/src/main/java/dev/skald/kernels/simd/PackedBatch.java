package dev.skald.kernels.simd;

import static jdk.incubator.vector.VectorOperators.AND;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.OR;
import static jdk.incubator.vector.VectorOperators.ROL;

import dev.skald.kernels.Packing.Scaling;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Products of packed matrices with four rows of activations: two groups of rows, each code of which is made a float once.
 *
 * <p>This is {@link PackedDot} with four tokens in the place of four groups: {@code x[field][4 tokens]},
 * {@code rests[block][4 tokens]} and {@code sums[block][4 tokens]} for the two groups at {@code o} and {@code p}, whose results
 * are {@code ys[4 tokens][lanes]} and {@code zs}, without the factor on results. Scales are made floats once for four tokens
 * too, so that a kernel serves both kinds of them; products of scales are exact in float32.
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

    /** 8-bit codes, with scales of half precision. */
    public static void dot8(Plane plane, long o, long p, int blocks, float[] x, float[] rests, float[] ys, float[] zs) {
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int run = plane.runWords();
        IntVector half = IntVector.broadcast(I, Masks.HALF[0]);
        IntVector code = IntVector.broadcast(I, Masks.CODE8[0]);
        IntVector one = IntVector.broadcast(I, Masks.ONE[0]);
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
                int c = 16 * j;
                IntVector v = IntVector.fromMemorySegment(I, w, o + (long) (j + gaps) * VECTOR, LE);
                IntVector u = IntVector.fromMemorySegment(I, w, p + (long) (j + gaps) * VECTOR, LE);
                FloatVector f = v.lanewise(LSHL, 15).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                FloatVector g = u.lanewise(LSHL, 15).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                FloatVector t = FloatVector.broadcast(S, x[c]);
                a0 = f.fma(t, a0);
                b0 = g.fma(t, b0);
                t = FloatVector.broadcast(S, x[c + 1]);
                a1 = f.fma(t, a1);
                b1 = g.fma(t, b1);
                t = FloatVector.broadcast(S, x[c + 2]);
                a2 = f.fma(t, a2);
                b2 = g.fma(t, b2);
                t = FloatVector.broadcast(S, x[c + 3]);
                a3 = f.fma(t, a3);
                b3 = g.fma(t, b3);
                f = v.lanewise(LSHL, 7).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                g = u.lanewise(LSHL, 7).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                t = FloatVector.broadcast(S, x[c + 4]);
                a0 = f.fma(t, a0);
                b0 = g.fma(t, b0);
                t = FloatVector.broadcast(S, x[c + 5]);
                a1 = f.fma(t, a1);
                b1 = g.fma(t, b1);
                t = FloatVector.broadcast(S, x[c + 6]);
                a2 = f.fma(t, a2);
                b2 = g.fma(t, b2);
                t = FloatVector.broadcast(S, x[c + 7]);
                a3 = f.fma(t, a3);
                b3 = g.fma(t, b3);
                f = v.lanewise(LSHR, 1).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                g = u.lanewise(LSHR, 1).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                t = FloatVector.broadcast(S, x[c + 8]);
                a0 = f.fma(t, a0);
                b0 = g.fma(t, b0);
                t = FloatVector.broadcast(S, x[c + 9]);
                a1 = f.fma(t, a1);
                b1 = g.fma(t, b1);
                t = FloatVector.broadcast(S, x[c + 10]);
                a2 = f.fma(t, a2);
                b2 = g.fma(t, b2);
                t = FloatVector.broadcast(S, x[c + 11]);
                a3 = f.fma(t, a3);
                b3 = g.fma(t, b3);
                f = v.lanewise(LSHR, 9).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                g = u.lanewise(LSHR, 9).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                t = FloatVector.broadcast(S, x[c + 12]);
                a0 = f.fma(t, a0);
                b0 = g.fma(t, b0);
                t = FloatVector.broadcast(S, x[c + 13]);
                a1 = f.fma(t, a1);
                b1 = g.fma(t, b1);
                t = FloatVector.broadcast(S, x[c + 14]);
                a2 = f.fma(t, a2);
                b2 = g.fma(t, b2);
                t = FloatVector.broadcast(S, x[c + 15]);
                a3 = f.fma(t, a3);
                b3 = g.fma(t, b3);
            }
            long at = (long) ((b >> 1) * run + words) * VECTOR;
            int up = 16 - 16 * (b & 1);
            FloatVector d = IntVector.fromMemorySegment(I, w, o + at, LE).lanewise(LSHL, up).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats();
            FloatVector e = IntVector.fromMemorySegment(I, w, p + at, LE).lanewise(LSHL, up).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats();
            FloatVector rest = FloatVector.broadcast(S, rests[4 * b]);
            y0 = d.fma(a0.add(rest), y0);
            z0 = e.fma(b0.add(rest), z0);
            rest = FloatVector.broadcast(S, rests[4 * b + 1]);
            y1 = d.fma(a1.add(rest), y1);
            z1 = e.fma(b1.add(rest), z1);
            rest = FloatVector.broadcast(S, rests[4 * b + 2]);
            y2 = d.fma(a2.add(rest), y2);
            z2 = e.fma(b2.add(rest), z2);
            rest = FloatVector.broadcast(S, rests[4 * b + 3]);
            y3 = d.fma(a3.add(rest), y3);
            z3 = e.fma(b3.add(rest), z3);
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

    /** 6-bit codes, with scales that have a scale. */
    public static void dot6(Plane plane, long o, long p, int blocks, float[] x, float[] rests, float[] ys, float[] zs) {
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int run = plane.runWords();
        int unit = plane.unitShift();
        int unitWords = plane.unitWords();
        IntVector half = IntVector.broadcast(I, Masks.HALF[0]);
        IntVector code = IntVector.broadcast(I, Masks.CODE6[0]);
        IntVector two = IntVector.broadcast(I, Masks.CODE6[1]);
        IntVector one = IntVector.broadcast(I, Masks.ONE[0]);
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
            int gaps = (b + 3 >> 2) + (b >> unit);
            for (int j = b * words; j < (b + 1) * words; j++) {
                int c = 24 * j;
                IntVector v = IntVector.fromMemorySegment(I, w, o + (long) (j + gaps) * VECTOR, LE);
                IntVector u = IntVector.fromMemorySegment(I, w, p + (long) (j + gaps) * VECTOR, LE);
                for (int r = 0; r < 5; r++) {
                    FloatVector f = v.lanewise(LSHL, 17).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                    FloatVector g = u.lanewise(LSHL, 17).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                    FloatVector t = FloatVector.broadcast(S, x[c]);
                    a0 = f.fma(t, a0);
                    b0 = g.fma(t, b0);
                    t = FloatVector.broadcast(S, x[c + 1]);
                    a1 = f.fma(t, a1);
                    b1 = g.fma(t, b1);
                    t = FloatVector.broadcast(S, x[c + 2]);
                    a2 = f.fma(t, a2);
                    b2 = g.fma(t, b2);
                    t = FloatVector.broadcast(S, x[c + 3]);
                    a3 = f.fma(t, a3);
                    b3 = g.fma(t, b3);
                    v = v.lanewise(LSHR, 6);
                    u = u.lanewise(LSHR, 6);
                    c += 4;
                }
                FloatVector f = v.lanewise(LSHL, 21).lanewise(AND, two).lanewise(OR, one).reinterpretAsFloats();
                FloatVector g = u.lanewise(LSHL, 21).lanewise(AND, two).lanewise(OR, one).reinterpretAsFloats();
                FloatVector t = FloatVector.broadcast(S, x[c]);
                a0 = f.fma(t, a0);
                b0 = g.fma(t, b0);
                t = FloatVector.broadcast(S, x[c + 1]);
                a1 = f.fma(t, a1);
                b1 = g.fma(t, b1);
                t = FloatVector.broadcast(S, x[c + 2]);
                a2 = f.fma(t, a2);
                b2 = g.fma(t, b2);
                t = FloatVector.broadcast(S, x[c + 3]);
                a3 = f.fma(t, a3);
                b3 = g.fma(t, b3);
            }
            long at = (long) ((b >> 2) * run + (b >> unit) + words) * VECTOR;
            long top = (long) (((b >> unit) + 1) * unitWords - 1) * VECTOR;
            int turn = 15 - 8 * (b & 3);
            FloatVector d = IntVector.fromMemorySegment(I, w, o + at, LE).lanewise(ROL, turn).lanewise(AND, Masks.CODE8[0]).lanewise(OR, Masks.ONE[0]).reinterpretAsFloats().sub(1.5f);
            FloatVector e = IntVector.fromMemorySegment(I, w, p + at, LE).lanewise(ROL, turn).lanewise(AND, Masks.CODE8[0]).lanewise(OR, Masks.ONE[0]).reinterpretAsFloats().sub(1.5f);
            d = IntVector.fromMemorySegment(I, w, o + top, LE).lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(256f).mul(d);
            e = IntVector.fromMemorySegment(I, w, p + top, LE).lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(256f).mul(e);
            FloatVector rest = FloatVector.broadcast(S, rests[4 * b]);
            y0 = d.fma(a0.add(rest), y0);
            z0 = e.fma(b0.add(rest), z0);
            rest = FloatVector.broadcast(S, rests[4 * b + 1]);
            y1 = d.fma(a1.add(rest), y1);
            z1 = e.fma(b1.add(rest), z1);
            rest = FloatVector.broadcast(S, rests[4 * b + 2]);
            y2 = d.fma(a2.add(rest), y2);
            z2 = e.fma(b2.add(rest), z2);
            rest = FloatVector.broadcast(S, rests[4 * b + 3]);
            y3 = d.fma(a3.add(rest), y3);
            z3 = e.fma(b3.add(rest), z3);
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

    /** 5-bit codes. */
    public static void dot5(Plane plane, long o, long p, int blocks, float[] x, float[] rests, float[] sums, float[] ys, float[] zs) {
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int run = plane.runWords();
        int runShift = plane.runShift();
        int unit = plane.unitShift();
        int unitWords = plane.unitWords();
        int scales = plane.scaling().runWords();
        int tops = plane.scaling().unitWords();
        boolean min = plane.scaling().hasMin();
        IntVector half = IntVector.broadcast(I, Masks.HALF[0]);
        IntVector code = IntVector.broadcast(I, Masks.CODE5[0]);
        IntVector bit30 = IntVector.broadcast(I, Masks.CODE5[1]);
        IntVector bit31 = IntVector.broadcast(I, Masks.CODE5[2]);
        IntVector one = IntVector.broadcast(I, Masks.ONE[0]);
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
            int gaps = (b + (1 << runShift) - 1 >> runShift) * scales + (b >> unit) * tops;
            for (int j = b * words; j < (b + 1) * words; j++) {
                int c = 32 * j;
                IntVector v = IntVector.fromMemorySegment(I, w, o + (long) (j + gaps) * VECTOR, LE);
                IntVector u = IntVector.fromMemorySegment(I, w, p + (long) (j + gaps) * VECTOR, LE);
                for (int r = 0; r < 6; r++) {
                    FloatVector f = v.lanewise(LSHL, 18).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                    FloatVector g = u.lanewise(LSHL, 18).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                    FloatVector t = FloatVector.broadcast(S, x[c]);
                    a0 = f.fma(t, a0);
                    b0 = g.fma(t, b0);
                    t = FloatVector.broadcast(S, x[c + 1]);
                    a1 = f.fma(t, a1);
                    b1 = g.fma(t, b1);
                    t = FloatVector.broadcast(S, x[c + 2]);
                    a2 = f.fma(t, a2);
                    b2 = g.fma(t, b2);
                    t = FloatVector.broadcast(S, x[c + 3]);
                    a3 = f.fma(t, a3);
                    b3 = g.fma(t, b3);
                    v = v.lanewise(LSHR, 5);
                    u = u.lanewise(LSHR, 5);
                    c += 4;
                }
                FloatVector f = v.lanewise(LSHL, 21).lanewise(AND, bit30).lanewise(OR, one).reinterpretAsFloats();
                FloatVector g = u.lanewise(LSHL, 21).lanewise(AND, bit30).lanewise(OR, one).reinterpretAsFloats();
                FloatVector t = FloatVector.broadcast(S, x[c]);
                a0 = f.fma(t, a0);
                b0 = g.fma(t, b0);
                t = FloatVector.broadcast(S, x[c + 1]);
                a1 = f.fma(t, a1);
                b1 = g.fma(t, b1);
                t = FloatVector.broadcast(S, x[c + 2]);
                a2 = f.fma(t, a2);
                b2 = g.fma(t, b2);
                t = FloatVector.broadcast(S, x[c + 3]);
                a3 = f.fma(t, a3);
                b3 = g.fma(t, b3);
                f = v.lanewise(LSHL, 21).lanewise(AND, bit31).lanewise(OR, one).reinterpretAsFloats();
                g = u.lanewise(LSHL, 21).lanewise(AND, bit31).lanewise(OR, one).reinterpretAsFloats();
                t = FloatVector.broadcast(S, x[c + 4]);
                a0 = f.fma(t, a0);
                b0 = g.fma(t, b0);
                t = FloatVector.broadcast(S, x[c + 5]);
                a1 = f.fma(t, a1);
                b1 = g.fma(t, b1);
                t = FloatVector.broadcast(S, x[c + 6]);
                a2 = f.fma(t, a2);
                b2 = g.fma(t, b2);
                t = FloatVector.broadcast(S, x[c + 7]);
                a3 = f.fma(t, a3);
                b3 = g.fma(t, b3);
            }
            long at = (long) ((b >> runShift) * run + (b >> unit) * tops + words) * VECTOR;
            long top = (long) (((b >> unit) + 1) * unitWords - 1) * VECTOR;
            int turn = 15 - 8 * (b & 3);
            FloatVector d;
            FloatVector e;
            if (tops == 0) {
                int up = 16 - (16 * b & runShift << 4);
                d = IntVector.fromMemorySegment(I, w, o + at, LE).lanewise(LSHL, up).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats();
                e = IntVector.fromMemorySegment(I, w, p + at, LE).lanewise(LSHL, up).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats();
            } else {
                d = IntVector.fromMemorySegment(I, w, o + at, LE).lanewise(ROL, turn).lanewise(AND, Masks.CODE8[0]).lanewise(OR, Masks.ONE[0]).reinterpretAsFloats().sub(1.5f);
                e = IntVector.fromMemorySegment(I, w, p + at, LE).lanewise(ROL, turn).lanewise(AND, Masks.CODE8[0]).lanewise(OR, Masks.ONE[0]).reinterpretAsFloats().sub(1.5f);
                d = IntVector.fromMemorySegment(I, w, o + top, LE).lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(256f).mul(d);
                e = IntVector.fromMemorySegment(I, w, p + top, LE).lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(256f).mul(e);
            }
            FloatVector rest = FloatVector.broadcast(S, rests[4 * b]);
            y0 = d.fma(a0.add(rest), y0);
            z0 = e.fma(b0.add(rest), z0);
            rest = FloatVector.broadcast(S, rests[4 * b + 1]);
            y1 = d.fma(a1.add(rest), y1);
            z1 = e.fma(b1.add(rest), z1);
            rest = FloatVector.broadcast(S, rests[4 * b + 2]);
            y2 = d.fma(a2.add(rest), y2);
            z2 = e.fma(b2.add(rest), z2);
            rest = FloatVector.broadcast(S, rests[4 * b + 3]);
            y3 = d.fma(a3.add(rest), y3);
            z3 = e.fma(b3.add(rest), z3);
            if (min) {
                if (tops == 0) {
                    d = IntVector.fromMemorySegment(I, w, o + at, LE).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats();
                    e = IntVector.fromMemorySegment(I, w, p + at, LE).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats();
                } else {
                    d = IntVector.fromMemorySegment(I, w, o + at + VECTOR, LE).lanewise(ROL, turn).lanewise(AND, Masks.CODE8[0]).lanewise(OR, Masks.ONE[0]).reinterpretAsFloats().sub(1.5f);
                    e = IntVector.fromMemorySegment(I, w, p + at + VECTOR, LE).lanewise(ROL, turn).lanewise(AND, Masks.CODE8[0]).lanewise(OR, Masks.ONE[0]).reinterpretAsFloats().sub(1.5f);
                    d = IntVector.fromMemorySegment(I, w, o + top, LE).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(-256f).mul(d);
                    e = IntVector.fromMemorySegment(I, w, p + top, LE).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(-256f).mul(e);
                }
                FloatVector sum = FloatVector.broadcast(S, sums[4 * b]);
                y0 = d.fma(sum, y0);
                z0 = e.fma(sum, z0);
                sum = FloatVector.broadcast(S, sums[4 * b + 1]);
                y1 = d.fma(sum, y1);
                z1 = e.fma(sum, z1);
                sum = FloatVector.broadcast(S, sums[4 * b + 2]);
                y2 = d.fma(sum, y2);
                z2 = e.fma(sum, z2);
                sum = FloatVector.broadcast(S, sums[4 * b + 3]);
                y3 = d.fma(sum, y3);
                z3 = e.fma(sum, z3);
            }
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

    /** 4-bit codes. */
    public static void dot4(Plane plane, long o, long p, int blocks, float[] x, float[] rests, float[] sums, float[] ys, float[] zs) {
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int run = plane.runWords();
        int runShift = plane.runShift();
        int unit = plane.unitShift();
        int unitWords = plane.unitWords();
        int scales = plane.scaling().runWords();
        int tops = plane.scaling().unitWords();
        boolean min = plane.scaling().hasMin();
        IntVector half = IntVector.broadcast(I, Masks.HALF[0]);
        IntVector code = IntVector.broadcast(I, Masks.CODE4[0]);
        IntVector one = IntVector.broadcast(I, Masks.ONE[0]);
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
            int gaps = (b + (1 << runShift) - 1 >> runShift) * scales + (b >> unit) * tops;
            for (int j = b * words; j < (b + 1) * words; j++) {
                int c = 32 * j;
                IntVector v = IntVector.fromMemorySegment(I, w, o + (long) (j + gaps) * VECTOR, LE);
                IntVector u = IntVector.fromMemorySegment(I, w, p + (long) (j + gaps) * VECTOR, LE);
                for (int r = 0; r < 4; r++) {
                    FloatVector f = v.lanewise(LSHL, 19).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                    FloatVector g = u.lanewise(LSHL, 19).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                    FloatVector t = FloatVector.broadcast(S, x[c]);
                    a0 = f.fma(t, a0);
                    b0 = g.fma(t, b0);
                    t = FloatVector.broadcast(S, x[c + 1]);
                    a1 = f.fma(t, a1);
                    b1 = g.fma(t, b1);
                    t = FloatVector.broadcast(S, x[c + 2]);
                    a2 = f.fma(t, a2);
                    b2 = g.fma(t, b2);
                    t = FloatVector.broadcast(S, x[c + 3]);
                    a3 = f.fma(t, a3);
                    b3 = g.fma(t, b3);
                    f = v.lanewise(LSHL, 15).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                    g = u.lanewise(LSHL, 15).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                    t = FloatVector.broadcast(S, x[c + 4]);
                    a0 = f.fma(t, a0);
                    b0 = g.fma(t, b0);
                    t = FloatVector.broadcast(S, x[c + 5]);
                    a1 = f.fma(t, a1);
                    b1 = g.fma(t, b1);
                    t = FloatVector.broadcast(S, x[c + 6]);
                    a2 = f.fma(t, a2);
                    b2 = g.fma(t, b2);
                    t = FloatVector.broadcast(S, x[c + 7]);
                    a3 = f.fma(t, a3);
                    b3 = g.fma(t, b3);
                    v = v.lanewise(LSHR, 8);
                    u = u.lanewise(LSHR, 8);
                    c += 8;
                }
            }
            long at = (long) ((b >> runShift) * run + (b >> unit) * tops + words) * VECTOR;
            long top = (long) (((b >> unit) + 1) * unitWords - 1) * VECTOR;
            int turn = 15 - 8 * (b & 3);
            FloatVector d;
            FloatVector e;
            if (tops == 0) {
                int up = 16 - (16 * b & runShift << 4);
                d = IntVector.fromMemorySegment(I, w, o + at, LE).lanewise(LSHL, up).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats();
                e = IntVector.fromMemorySegment(I, w, p + at, LE).lanewise(LSHL, up).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats();
            } else {
                d = IntVector.fromMemorySegment(I, w, o + at, LE).lanewise(ROL, turn).lanewise(AND, Masks.CODE8[0]).lanewise(OR, Masks.ONE[0]).reinterpretAsFloats().sub(1.5f);
                e = IntVector.fromMemorySegment(I, w, p + at, LE).lanewise(ROL, turn).lanewise(AND, Masks.CODE8[0]).lanewise(OR, Masks.ONE[0]).reinterpretAsFloats().sub(1.5f);
                d = IntVector.fromMemorySegment(I, w, o + top, LE).lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(256f).mul(d);
                e = IntVector.fromMemorySegment(I, w, p + top, LE).lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(256f).mul(e);
            }
            FloatVector rest = FloatVector.broadcast(S, rests[4 * b]);
            y0 = d.fma(a0.add(rest), y0);
            z0 = e.fma(b0.add(rest), z0);
            rest = FloatVector.broadcast(S, rests[4 * b + 1]);
            y1 = d.fma(a1.add(rest), y1);
            z1 = e.fma(b1.add(rest), z1);
            rest = FloatVector.broadcast(S, rests[4 * b + 2]);
            y2 = d.fma(a2.add(rest), y2);
            z2 = e.fma(b2.add(rest), z2);
            rest = FloatVector.broadcast(S, rests[4 * b + 3]);
            y3 = d.fma(a3.add(rest), y3);
            z3 = e.fma(b3.add(rest), z3);
            if (min) {
                if (tops == 0) {
                    d = IntVector.fromMemorySegment(I, w, o + at, LE).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats();
                    e = IntVector.fromMemorySegment(I, w, p + at, LE).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats();
                } else {
                    d = IntVector.fromMemorySegment(I, w, o + at + VECTOR, LE).lanewise(ROL, turn).lanewise(AND, Masks.CODE8[0]).lanewise(OR, Masks.ONE[0]).reinterpretAsFloats().sub(1.5f);
                    e = IntVector.fromMemorySegment(I, w, p + at + VECTOR, LE).lanewise(ROL, turn).lanewise(AND, Masks.CODE8[0]).lanewise(OR, Masks.ONE[0]).reinterpretAsFloats().sub(1.5f);
                    d = IntVector.fromMemorySegment(I, w, o + top, LE).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(-256f).mul(d);
                    e = IntVector.fromMemorySegment(I, w, p + top, LE).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(-256f).mul(e);
                }
                FloatVector sum = FloatVector.broadcast(S, sums[4 * b]);
                y0 = d.fma(sum, y0);
                z0 = e.fma(sum, z0);
                sum = FloatVector.broadcast(S, sums[4 * b + 1]);
                y1 = d.fma(sum, y1);
                z1 = e.fma(sum, z1);
                sum = FloatVector.broadcast(S, sums[4 * b + 2]);
                y2 = d.fma(sum, y2);
                z2 = e.fma(sum, z2);
                sum = FloatVector.broadcast(S, sums[4 * b + 3]);
                y3 = d.fma(sum, y3);
                z3 = e.fma(sum, z3);
            }
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

    /** 2-bit codes. */
    public static void dot2(Plane plane, long o, long p, int blocks, float[] x, float[] rests, float[] sums, float[] ys, float[] zs) {
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int run = plane.runWords();
        int runShift = plane.runShift();
        int unit = plane.unitShift();
        int unitWords = plane.unitWords();
        int scales = plane.scaling().runWords();
        int tops = plane.scaling().unitWords();
        boolean min = plane.scaling().hasMin();
        IntVector half = IntVector.broadcast(I, Masks.HALF[0]);
        IntVector low = IntVector.broadcast(I, Masks.CODE2[0]);
        IntVector high = IntVector.broadcast(I, Masks.CODE2[1]);
        IntVector one = IntVector.broadcast(I, Masks.ONE[0]);
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
            int gaps = (b + (1 << runShift) - 1 >> runShift) * scales + (b >> unit) * tops;
            for (int j = b * words; j < (b + 1) * words; j++) {
                int c = 64 * j;
                IntVector v = IntVector.fromMemorySegment(I, w, o + (long) (j + gaps) * VECTOR, LE);
                IntVector u = IntVector.fromMemorySegment(I, w, p + (long) (j + gaps) * VECTOR, LE);
                for (int r = 0; r < 8; r++) {
                    FloatVector f = v.lanewise(LSHL, 19).lanewise(AND, low).lanewise(OR, one).reinterpretAsFloats();
                    FloatVector g = u.lanewise(LSHL, 19).lanewise(AND, low).lanewise(OR, one).reinterpretAsFloats();
                    FloatVector t = FloatVector.broadcast(S, x[c]);
                    a0 = f.fma(t, a0);
                    b0 = g.fma(t, b0);
                    t = FloatVector.broadcast(S, x[c + 1]);
                    a1 = f.fma(t, a1);
                    b1 = g.fma(t, b1);
                    t = FloatVector.broadcast(S, x[c + 2]);
                    a2 = f.fma(t, a2);
                    b2 = g.fma(t, b2);
                    t = FloatVector.broadcast(S, x[c + 3]);
                    a3 = f.fma(t, a3);
                    b3 = g.fma(t, b3);
                    f = v.lanewise(LSHL, 19).lanewise(AND, high).lanewise(OR, one).reinterpretAsFloats();
                    g = u.lanewise(LSHL, 19).lanewise(AND, high).lanewise(OR, one).reinterpretAsFloats();
                    t = FloatVector.broadcast(S, x[c + 4]);
                    a0 = f.fma(t, a0);
                    b0 = g.fma(t, b0);
                    t = FloatVector.broadcast(S, x[c + 5]);
                    a1 = f.fma(t, a1);
                    b1 = g.fma(t, b1);
                    t = FloatVector.broadcast(S, x[c + 6]);
                    a2 = f.fma(t, a2);
                    b2 = g.fma(t, b2);
                    t = FloatVector.broadcast(S, x[c + 7]);
                    a3 = f.fma(t, a3);
                    b3 = g.fma(t, b3);
                    v = v.lanewise(LSHR, 4);
                    u = u.lanewise(LSHR, 4);
                    c += 8;
                }
            }
            long at = (long) ((b >> runShift) * run + (b >> unit) * tops + words) * VECTOR;
            long top = (long) (((b >> unit) + 1) * unitWords - 1) * VECTOR;
            int turn = 15 - 8 * (b & 3);
            FloatVector d;
            FloatVector e;
            if (tops == 0) {
                int up = 16 - (16 * b & runShift << 4);
                d = IntVector.fromMemorySegment(I, w, o + at, LE).lanewise(LSHL, up).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats();
                e = IntVector.fromMemorySegment(I, w, p + at, LE).lanewise(LSHL, up).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats();
            } else {
                d = IntVector.fromMemorySegment(I, w, o + at, LE).lanewise(ROL, turn).lanewise(AND, Masks.CODE8[0]).lanewise(OR, Masks.ONE[0]).reinterpretAsFloats().sub(1.5f);
                e = IntVector.fromMemorySegment(I, w, p + at, LE).lanewise(ROL, turn).lanewise(AND, Masks.CODE8[0]).lanewise(OR, Masks.ONE[0]).reinterpretAsFloats().sub(1.5f);
                d = IntVector.fromMemorySegment(I, w, o + top, LE).lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(256f).mul(d);
                e = IntVector.fromMemorySegment(I, w, p + top, LE).lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(256f).mul(e);
            }
            FloatVector rest = FloatVector.broadcast(S, rests[4 * b]);
            y0 = d.fma(a0.add(rest), y0);
            z0 = e.fma(b0.add(rest), z0);
            rest = FloatVector.broadcast(S, rests[4 * b + 1]);
            y1 = d.fma(a1.add(rest), y1);
            z1 = e.fma(b1.add(rest), z1);
            rest = FloatVector.broadcast(S, rests[4 * b + 2]);
            y2 = d.fma(a2.add(rest), y2);
            z2 = e.fma(b2.add(rest), z2);
            rest = FloatVector.broadcast(S, rests[4 * b + 3]);
            y3 = d.fma(a3.add(rest), y3);
            z3 = e.fma(b3.add(rest), z3);
            if (min) {
                if (tops == 0) {
                    d = IntVector.fromMemorySegment(I, w, o + at, LE).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats();
                    e = IntVector.fromMemorySegment(I, w, p + at, LE).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats();
                } else {
                    d = IntVector.fromMemorySegment(I, w, o + at + VECTOR, LE).lanewise(ROL, turn).lanewise(AND, Masks.CODE8[0]).lanewise(OR, Masks.ONE[0]).reinterpretAsFloats().sub(1.5f);
                    e = IntVector.fromMemorySegment(I, w, p + at + VECTOR, LE).lanewise(ROL, turn).lanewise(AND, Masks.CODE8[0]).lanewise(OR, Masks.ONE[0]).reinterpretAsFloats().sub(1.5f);
                    d = IntVector.fromMemorySegment(I, w, o + top, LE).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(-256f).mul(d);
                    e = IntVector.fromMemorySegment(I, w, p + top, LE).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(-256f).mul(e);
                }
                FloatVector sum = FloatVector.broadcast(S, sums[4 * b]);
                y0 = d.fma(sum, y0);
                z0 = e.fma(sum, z0);
                sum = FloatVector.broadcast(S, sums[4 * b + 1]);
                y1 = d.fma(sum, y1);
                z1 = e.fma(sum, z1);
                sum = FloatVector.broadcast(S, sums[4 * b + 2]);
                y2 = d.fma(sum, y2);
                z2 = e.fma(sum, z2);
                sum = FloatVector.broadcast(S, sums[4 * b + 3]);
                y3 = d.fma(sum, y3);
                z3 = e.fma(sum, z3);
            }
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

    /** Table values of 4-bit codes. */
    public static void dotTable4(Plane plane, long o, long p, int blocks, float[] x, float[] rests, float[] ys, float[] zs, int[] table) {
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int run = plane.runWords();
        int runShift = plane.runShift();
        int unit = plane.unitShift();
        int unitWords = plane.unitWords();
        int scales = plane.scaling().runWords();
        int tops = plane.scaling().unitWords();
        boolean bf16 = plane.scaling() == Scaling.BF16;
        int down = bf16 ? 0 : 3;
        IntVector half = IntVector.broadcast(I, bf16 ? Masks.UPPER[0] : Masks.HALF[0]);
        IntVector low = IntVector.broadcast(I, 15);
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
            int gaps = (b + (1 << runShift) - 1 >> runShift) * scales + (b >> unit) * tops;
            for (int j = b * words; j < (b + 1) * words; j++) {
                int c = 32 * j;
                IntVector v = IntVector.fromMemorySegment(I, w, o + (long) (j + gaps) * VECTOR, LE);
                IntVector u = IntVector.fromMemorySegment(I, w, p + (long) (j + gaps) * VECTOR, LE);
                for (int r = 0; r < 8; r++) {
                    FloatVector f = PackedPanel.look(v.lanewise(AND, low), table).reinterpretAsFloats();
                    FloatVector g = PackedPanel.look(u.lanewise(AND, low), table).reinterpretAsFloats();
                    FloatVector t = FloatVector.broadcast(S, x[c]);
                    a0 = f.fma(t, a0);
                    b0 = g.fma(t, b0);
                    t = FloatVector.broadcast(S, x[c + 1]);
                    a1 = f.fma(t, a1);
                    b1 = g.fma(t, b1);
                    t = FloatVector.broadcast(S, x[c + 2]);
                    a2 = f.fma(t, a2);
                    b2 = g.fma(t, b2);
                    t = FloatVector.broadcast(S, x[c + 3]);
                    a3 = f.fma(t, a3);
                    b3 = g.fma(t, b3);
                    v = v.lanewise(LSHR, 4);
                    u = u.lanewise(LSHR, 4);
                    c += 4;
                }
            }
            long at = (long) ((b >> runShift) * run + (b >> unit) * tops + words) * VECTOR;
            long top = (long) (((b >> unit) + 1) * unitWords - 1) * VECTOR;
            int turn = 15 - 8 * (b & 3);
            FloatVector d;
            FloatVector e;
            if (tops == 0) {
                int up = 16 - (16 * b & runShift << 4);
                d = IntVector.fromMemorySegment(I, w, o + at, LE).lanewise(LSHL, up).lanewise(ASHR, down).lanewise(AND, half).reinterpretAsFloats();
                e = IntVector.fromMemorySegment(I, w, p + at, LE).lanewise(LSHL, up).lanewise(ASHR, down).lanewise(AND, half).reinterpretAsFloats();
            } else {
                d = IntVector.fromMemorySegment(I, w, o + at, LE).lanewise(ROL, turn).lanewise(AND, Masks.CODE8[0]).lanewise(OR, Masks.ONE[0]).reinterpretAsFloats().sub(1.5f);
                e = IntVector.fromMemorySegment(I, w, p + at, LE).lanewise(ROL, turn).lanewise(AND, Masks.CODE8[0]).lanewise(OR, Masks.ONE[0]).reinterpretAsFloats().sub(1.5f);
                d = IntVector.fromMemorySegment(I, w, o + top, LE).lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(256f).mul(d);
                e = IntVector.fromMemorySegment(I, w, p + top, LE).lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(256f).mul(e);
            }
            FloatVector rest = FloatVector.broadcast(S, rests[4 * b]);
            y0 = d.fma(a0.add(rest), y0);
            z0 = e.fma(b0.add(rest), z0);
            rest = FloatVector.broadcast(S, rests[4 * b + 1]);
            y1 = d.fma(a1.add(rest), y1);
            z1 = e.fma(b1.add(rest), z1);
            rest = FloatVector.broadcast(S, rests[4 * b + 2]);
            y2 = d.fma(a2.add(rest), y2);
            z2 = e.fma(b2.add(rest), z2);
            rest = FloatVector.broadcast(S, rests[4 * b + 3]);
            y3 = d.fma(a3.add(rest), y3);
            z3 = e.fma(b3.add(rest), z3);
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
