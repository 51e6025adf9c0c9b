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
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Products of packed matrices with one row of activations, as in {@link PackedDot}, for formats in which 256 columns
 * share a scale for the scales of their blocks. The blocks' scales are bytes. In the mantissa, a byte s gives 1 + s /
 * 256; subtracting 1.5 and multiplying by 256 gives s - 128, without error.
 */
final class PackedSuperDot {
    private static final int L = PackedDot.L;
    private static final VectorSpecies<Float> S = VectorKernels.S;
    private static final VectorSpecies<Integer> I = VectorKernels.I;
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final int VECTOR = 4 * L;

    private PackedSuperDot() {}

    // A line a product, so that a kernel can be read at a glance.
    // spotless:off

    /** 6-bit codes with quantized scales; a word has 5, and two bits of one more. */
    public static void dot6(Plane plane, long[] o, int blocks, int steps, float[] x, float[] rests, float result, float[] y, int yo, int apart) {
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int run = plane.runWords();
        int unit = plane.unitShift();
        int unitWords = plane.unitWords();
        long rowBytes = (long) plane.rowWords(blocks) * VECTOR;
        IntVector code = IntVector.broadcast(I, Masks.CODE6[0]);
        IntVector two = IntVector.broadcast(I, Masks.CODE6[1]);
        IntVector one = IntVector.broadcast(I, Masks.ONE[0]);
        IntVector half = IntVector.broadcast(I, Masks.HALF[0]);
        IntVector all = IntVector.broadcast(I, Masks.CODE8[0]);
        FloatVector middle = FloatVector.broadcast(S, 1.5f);
        int last = (1 << unit) - 1;
        long o0 = o[0];
        long o1 = o[1];
        long o2 = o[2];
        long o3 = o[3];
        for (int q = 0; q < steps; q++) {
            long top = q * rowBytes;
            FloatVector y0 = FloatVector.zero(S);
            FloatVector y1 = FloatVector.zero(S);
            FloatVector y2 = FloatVector.zero(S);
            FloatVector y3 = FloatVector.zero(S);
            FloatVector i0 = FloatVector.zero(S);
            FloatVector i1 = FloatVector.zero(S);
            FloatVector i2 = FloatVector.zero(S);
            FloatVector i3 = FloatVector.zero(S);
            for (int b = 0; b < blocks; b++) {
                int gaps = (b + 3 >> 2) + (b >> unit);
                FloatVector a0 = FloatVector.zero(S);
                FloatVector a1 = FloatVector.zero(S);
                FloatVector a2 = FloatVector.zero(S);
                FloatVector a3 = FloatVector.zero(S);
                for (int j = b * words; j < (b + 1) * words; j++) {
                    long at = top + (long) (j + gaps) * VECTOR;
                    int c = 6 * j;
                    IntVector w0 = IntVector.fromMemorySegment(I, w, o0 + at, LE);
                    IntVector w1 = IntVector.fromMemorySegment(I, w, o1 + at, LE);
                    IntVector w2 = IntVector.fromMemorySegment(I, w, o2 + at, LE);
                    IntVector w3 = IntVector.fromMemorySegment(I, w, o3 + at, LE);
                    for (int k = 0; k < 3; k++) {
                        FloatVector v = FloatVector.broadcast(S, x[c + k]);
                        a0 = w0.lanewise(LSHL, 17 - 6 * k).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
                        a1 = w1.lanewise(LSHL, 17 - 6 * k).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
                        a2 = w2.lanewise(LSHL, 17 - 6 * k).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
                        a3 = w3.lanewise(LSHL, 17 - 6 * k).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
                    }
                    for (int k = 0; k < 2; k++) {
                        FloatVector v = FloatVector.broadcast(S, x[c + k + 3]);
                        a0 = w0.lanewise(LSHR, 1 + 6 * k).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
                        a1 = w1.lanewise(LSHR, 1 + 6 * k).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
                        a2 = w2.lanewise(LSHR, 1 + 6 * k).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
                        a3 = w3.lanewise(LSHR, 1 + 6 * k).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
                    }
                    FloatVector v5 = FloatVector.broadcast(S, x[c + 5]);
                    a0 = w0.lanewise(LSHR, 9).lanewise(AND, two).lanewise(OR, one).reinterpretAsFloats().fma(v5, a0);
                    a1 = w1.lanewise(LSHR, 9).lanewise(AND, two).lanewise(OR, one).reinterpretAsFloats().fma(v5, a1);
                    a2 = w2.lanewise(LSHR, 9).lanewise(AND, two).lanewise(OR, one).reinterpretAsFloats().fma(v5, a2);
                    a3 = w3.lanewise(LSHR, 9).lanewise(AND, two).lanewise(OR, one).reinterpretAsFloats().fma(v5, a3);
                }
                FloatVector rest = FloatVector.broadcast(S, rests[b]);
                long at = top + (long) ((b >> 2) * run + (b >> unit) + words) * VECTOR;
                int turn = 15 - 8 * (b & 3);
                i0 = IntVector.fromMemorySegment(I, w, o0 + at, LE).lanewise(ROL, turn).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle).fma(a0.add(rest), i0);
                i1 = IntVector.fromMemorySegment(I, w, o1 + at, LE).lanewise(ROL, turn).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle).fma(a1.add(rest), i1);
                i2 = IntVector.fromMemorySegment(I, w, o2 + at, LE).lanewise(ROL, turn).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle).fma(a2.add(rest), i2);
                i3 = IntVector.fromMemorySegment(I, w, o3 + at, LE).lanewise(ROL, turn).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle).fma(a3.add(rest), i3);
                if ((b & last) == last) {
                    at = top + (long) (((b >> unit) + 1) * unitWords - 1) * VECTOR;
                    y0 = IntVector.fromMemorySegment(I, w, o0 + at, LE).lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(256f).fma(i0, y0);
                    y1 = IntVector.fromMemorySegment(I, w, o1 + at, LE).lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(256f).fma(i1, y1);
                    y2 = IntVector.fromMemorySegment(I, w, o2 + at, LE).lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(256f).fma(i2, y2);
                    y3 = IntVector.fromMemorySegment(I, w, o3 + at, LE).lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(256f).fma(i3, y3);
                    i0 = FloatVector.zero(S);
                    i1 = FloatVector.zero(S);
                    i2 = FloatVector.zero(S);
                    i3 = FloatVector.zero(S);
                }
            }
            int to = yo + q * L;
            y0.mul(result).intoArray(y, to);
            y1.mul(result).intoArray(y, to + apart);
            y2.mul(result).intoArray(y, to + 2 * apart);
            y3.mul(result).intoArray(y, to + 3 * apart);
        }
    }

    /** 5-bit codes with quantized scales and minima; a word has 6, and one bit of each of two more. */
    public static void dot5Min(Plane plane, long[] o, int blocks, int steps, float[] x, float[] rests, float[] sums, float result, float[] y, int yo, int apart) {
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int run = plane.runWords();
        int unit = plane.unitShift();
        int unitWords = plane.unitWords();
        long rowBytes = (long) plane.rowWords(blocks) * VECTOR;
        IntVector code = IntVector.broadcast(I, Masks.CODE5[0]);
        IntVector bit30 = IntVector.broadcast(I, Masks.CODE5[1]);
        IntVector bit31 = IntVector.broadcast(I, Masks.CODE5[2]);
        IntVector one = IntVector.broadcast(I, Masks.ONE[0]);
        IntVector half = IntVector.broadcast(I, Masks.HALF[0]);
        IntVector all = IntVector.broadcast(I, Masks.CODE8[0]);
        FloatVector middle = FloatVector.broadcast(S, 1.5f);
        int last = (1 << unit) - 1;
        long o0 = o[0];
        long o1 = o[1];
        long o2 = o[2];
        long o3 = o[3];
        for (int q = 0; q < steps; q++) {
            long top = q * rowBytes;
            FloatVector y0 = FloatVector.zero(S);
            FloatVector y1 = FloatVector.zero(S);
            FloatVector y2 = FloatVector.zero(S);
            FloatVector y3 = FloatVector.zero(S);
            FloatVector i0 = FloatVector.zero(S);
            FloatVector i1 = FloatVector.zero(S);
            FloatVector i2 = FloatVector.zero(S);
            FloatVector i3 = FloatVector.zero(S);
            FloatVector m0 = FloatVector.zero(S);
            FloatVector m1 = FloatVector.zero(S);
            FloatVector m2 = FloatVector.zero(S);
            FloatVector m3 = FloatVector.zero(S);
            for (int b = 0; b < blocks; b++) {
                int gaps = 2 * (b + 3 >> 2) + (b >> unit);
                FloatVector a0 = FloatVector.zero(S);
                FloatVector a1 = FloatVector.zero(S);
                FloatVector a2 = FloatVector.zero(S);
                FloatVector a3 = FloatVector.zero(S);
                for (int j = b * words; j < (b + 1) * words; j++) {
                    long at = top + (long) (j + gaps) * VECTOR;
                    int c = 8 * j;
                    IntVector w0 = IntVector.fromMemorySegment(I, w, o0 + at, LE);
                    IntVector w1 = IntVector.fromMemorySegment(I, w, o1 + at, LE);
                    IntVector w2 = IntVector.fromMemorySegment(I, w, o2 + at, LE);
                    IntVector w3 = IntVector.fromMemorySegment(I, w, o3 + at, LE);
                    for (int k = 0; k < 4; k++) {
                        FloatVector v = FloatVector.broadcast(S, x[c + k]);
                        a0 = w0.lanewise(LSHL, 18 - 5 * k).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
                        a1 = w1.lanewise(LSHL, 18 - 5 * k).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
                        a2 = w2.lanewise(LSHL, 18 - 5 * k).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
                        a3 = w3.lanewise(LSHL, 18 - 5 * k).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
                    }
                    for (int k = 0; k < 2; k++) {
                        FloatVector v = FloatVector.broadcast(S, x[c + k + 4]);
                        a0 = w0.lanewise(LSHR, 2 + 5 * k).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
                        a1 = w1.lanewise(LSHR, 2 + 5 * k).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
                        a2 = w2.lanewise(LSHR, 2 + 5 * k).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
                        a3 = w3.lanewise(LSHR, 2 + 5 * k).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
                    }
                    w0 = w0.lanewise(LSHR, 9);
                    w1 = w1.lanewise(LSHR, 9);
                    w2 = w2.lanewise(LSHR, 9);
                    w3 = w3.lanewise(LSHR, 9);
                    FloatVector v6 = FloatVector.broadcast(S, x[c + 6]);
                    a0 = w0.lanewise(AND, bit30).lanewise(OR, one).reinterpretAsFloats().fma(v6, a0);
                    a1 = w1.lanewise(AND, bit30).lanewise(OR, one).reinterpretAsFloats().fma(v6, a1);
                    a2 = w2.lanewise(AND, bit30).lanewise(OR, one).reinterpretAsFloats().fma(v6, a2);
                    a3 = w3.lanewise(AND, bit30).lanewise(OR, one).reinterpretAsFloats().fma(v6, a3);
                    FloatVector v7 = FloatVector.broadcast(S, x[c + 7]);
                    a0 = w0.lanewise(AND, bit31).lanewise(OR, one).reinterpretAsFloats().fma(v7, a0);
                    a1 = w1.lanewise(AND, bit31).lanewise(OR, one).reinterpretAsFloats().fma(v7, a1);
                    a2 = w2.lanewise(AND, bit31).lanewise(OR, one).reinterpretAsFloats().fma(v7, a2);
                    a3 = w3.lanewise(AND, bit31).lanewise(OR, one).reinterpretAsFloats().fma(v7, a3);
                }
                FloatVector rest = FloatVector.broadcast(S, rests[b]);
                long at = top + (long) ((b >> 2) * run + (b >> unit) + words) * VECTOR;
                int turn = 15 - 8 * (b & 3);
                FloatVector sum = FloatVector.broadcast(S, sums[4 * b]);
                a0 = a0.add(rest);
                a1 = a1.add(rest);
                a2 = a2.add(rest);
                a3 = a3.add(rest);
                // The scale, then the minimum. Their sums change places in each turn, so after two they are back.
                for (int k = 0; k < 2; k++) {
                    FloatVector s0 = IntVector.fromMemorySegment(I, w, o0 + at, LE).lanewise(ROL, turn).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle).fma(a0, i0);
                    i0 = m0;
                    m0 = s0;
                    a0 = sum;
                    FloatVector s1 = IntVector.fromMemorySegment(I, w, o1 + at, LE).lanewise(ROL, turn).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle).fma(a1, i1);
                    i1 = m1;
                    m1 = s1;
                    a1 = sum;
                    FloatVector s2 = IntVector.fromMemorySegment(I, w, o2 + at, LE).lanewise(ROL, turn).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle).fma(a2, i2);
                    i2 = m2;
                    m2 = s2;
                    a2 = sum;
                    FloatVector s3 = IntVector.fromMemorySegment(I, w, o3 + at, LE).lanewise(ROL, turn).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle).fma(a3, i3);
                    i3 = m3;
                    m3 = s3;
                    a3 = sum;
                    at += VECTOR;
                }
                if ((b & last) == last) {
                    at = top + (long) (((b >> unit) + 1) * unitWords - 1) * VECTOR;
                    for (int k = 0; k < 2; k++) {
                        float factor = 256f - 512f * k;
                        y0 = IntVector.fromMemorySegment(I, w, o0 + at, LE).lanewise(LSHL, 16 - 16 * k).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(factor).fma(i0, y0);
                        i0 = m0;
                        m0 = FloatVector.zero(S);
                        y1 = IntVector.fromMemorySegment(I, w, o1 + at, LE).lanewise(LSHL, 16 - 16 * k).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(factor).fma(i1, y1);
                        i1 = m1;
                        m1 = FloatVector.zero(S);
                        y2 = IntVector.fromMemorySegment(I, w, o2 + at, LE).lanewise(LSHL, 16 - 16 * k).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(factor).fma(i2, y2);
                        i2 = m2;
                        m2 = FloatVector.zero(S);
                        y3 = IntVector.fromMemorySegment(I, w, o3 + at, LE).lanewise(LSHL, 16 - 16 * k).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(factor).fma(i3, y3);
                        i3 = m3;
                        m3 = FloatVector.zero(S);
                    }
                }
            }
            int to = yo + q * L;
            y0.mul(result).intoArray(y, to);
            y1.mul(result).intoArray(y, to + apart);
            y2.mul(result).intoArray(y, to + 2 * apart);
            y3.mul(result).intoArray(y, to + 3 * apart);
        }
    }

    /** 4-bit codes with quantized scales; a word has 8. */
    public static void dot4(Plane plane, long[] o, int blocks, int steps, float[] x, float[] rests, float result, float[] y, int yo, int apart) {
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int run = plane.runWords();
        int unit = plane.unitShift();
        int unitWords = plane.unitWords();
        long rowBytes = (long) plane.rowWords(blocks) * VECTOR;
        IntVector code = IntVector.broadcast(I, Masks.CODE4[0]);
        IntVector one = IntVector.broadcast(I, Masks.ONE[0]);
        IntVector half = IntVector.broadcast(I, Masks.HALF[0]);
        IntVector all = IntVector.broadcast(I, Masks.CODE8[0]);
        FloatVector middle = FloatVector.broadcast(S, 1.5f);
        int last = (1 << unit) - 1;
        long o0 = o[0];
        long o1 = o[1];
        long o2 = o[2];
        long o3 = o[3];
        for (int q = 0; q < steps; q++) {
            long top = q * rowBytes;
            FloatVector y0 = FloatVector.zero(S);
            FloatVector y1 = FloatVector.zero(S);
            FloatVector y2 = FloatVector.zero(S);
            FloatVector y3 = FloatVector.zero(S);
            FloatVector i0 = FloatVector.zero(S);
            FloatVector i1 = FloatVector.zero(S);
            FloatVector i2 = FloatVector.zero(S);
            FloatVector i3 = FloatVector.zero(S);
            for (int b = 0; b < blocks; b++) {
                int gaps = (b + 3 >> 2) + (b >> unit);
                FloatVector a0 = FloatVector.zero(S);
                FloatVector a1 = FloatVector.zero(S);
                FloatVector a2 = FloatVector.zero(S);
                FloatVector a3 = FloatVector.zero(S);
                for (int j = b * words; j < (b + 1) * words; j++) {
                    long at = top + (long) (j + gaps) * VECTOR;
                    int c = 8 * j;
                    IntVector w0 = IntVector.fromMemorySegment(I, w, o0 + at, LE);
                    IntVector w1 = IntVector.fromMemorySegment(I, w, o1 + at, LE);
                    IntVector w2 = IntVector.fromMemorySegment(I, w, o2 + at, LE);
                    IntVector w3 = IntVector.fromMemorySegment(I, w, o3 + at, LE);
                    for (int k = 0; k < 4; k++) {
                        FloatVector v = FloatVector.broadcast(S, x[c + k]);
                        a0 = w0.lanewise(LSHL, 19 - 4 * k).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
                        a1 = w1.lanewise(LSHL, 19 - 4 * k).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
                        a2 = w2.lanewise(LSHL, 19 - 4 * k).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
                        a3 = w3.lanewise(LSHL, 19 - 4 * k).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
                    }
                    w0 = w0.lanewise(LSHR, 16);
                    w1 = w1.lanewise(LSHR, 16);
                    w2 = w2.lanewise(LSHR, 16);
                    w3 = w3.lanewise(LSHR, 16);
                    for (int k = 0; k < 4; k++) {
                        FloatVector v = FloatVector.broadcast(S, x[c + k + 4]);
                        a0 = w0.lanewise(LSHL, 19 - 4 * k).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
                        a1 = w1.lanewise(LSHL, 19 - 4 * k).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
                        a2 = w2.lanewise(LSHL, 19 - 4 * k).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
                        a3 = w3.lanewise(LSHL, 19 - 4 * k).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
                    }
                }
                FloatVector rest = FloatVector.broadcast(S, rests[b]);
                long at = top + (long) ((b >> 2) * run + (b >> unit) + words) * VECTOR;
                int turn = 15 - 8 * (b & 3);
                i0 = IntVector.fromMemorySegment(I, w, o0 + at, LE).lanewise(ROL, turn).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle).fma(a0.add(rest), i0);
                i1 = IntVector.fromMemorySegment(I, w, o1 + at, LE).lanewise(ROL, turn).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle).fma(a1.add(rest), i1);
                i2 = IntVector.fromMemorySegment(I, w, o2 + at, LE).lanewise(ROL, turn).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle).fma(a2.add(rest), i2);
                i3 = IntVector.fromMemorySegment(I, w, o3 + at, LE).lanewise(ROL, turn).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle).fma(a3.add(rest), i3);
                if ((b & last) == last) {
                    at = top + (long) (((b >> unit) + 1) * unitWords - 1) * VECTOR;
                    y0 = IntVector.fromMemorySegment(I, w, o0 + at, LE).lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(256f).fma(i0, y0);
                    y1 = IntVector.fromMemorySegment(I, w, o1 + at, LE).lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(256f).fma(i1, y1);
                    y2 = IntVector.fromMemorySegment(I, w, o2 + at, LE).lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(256f).fma(i2, y2);
                    y3 = IntVector.fromMemorySegment(I, w, o3 + at, LE).lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(256f).fma(i3, y3);
                    i0 = FloatVector.zero(S);
                    i1 = FloatVector.zero(S);
                    i2 = FloatVector.zero(S);
                    i3 = FloatVector.zero(S);
                }
            }
            int to = yo + q * L;
            y0.mul(result).intoArray(y, to);
            y1.mul(result).intoArray(y, to + apart);
            y2.mul(result).intoArray(y, to + 2 * apart);
            y3.mul(result).intoArray(y, to + 3 * apart);
        }
    }

    /** 4-bit codes with quantized scales and minima; a word has 8. */
    public static void dot4Min(Plane plane, long[] o, int blocks, int steps, float[] x, float[] rests, float[] sums, float result, float[] y, int yo, int apart) {
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int run = plane.runWords();
        int unit = plane.unitShift();
        int unitWords = plane.unitWords();
        long rowBytes = (long) plane.rowWords(blocks) * VECTOR;
        IntVector code = IntVector.broadcast(I, Masks.CODE4[0]);
        IntVector one = IntVector.broadcast(I, Masks.ONE[0]);
        IntVector half = IntVector.broadcast(I, Masks.HALF[0]);
        IntVector all = IntVector.broadcast(I, Masks.CODE8[0]);
        FloatVector middle = FloatVector.broadcast(S, 1.5f);
        int last = (1 << unit) - 1;
        long o0 = o[0];
        long o1 = o[1];
        long o2 = o[2];
        long o3 = o[3];
        for (int q = 0; q < steps; q++) {
            long top = q * rowBytes;
            FloatVector y0 = FloatVector.zero(S);
            FloatVector y1 = FloatVector.zero(S);
            FloatVector y2 = FloatVector.zero(S);
            FloatVector y3 = FloatVector.zero(S);
            FloatVector i0 = FloatVector.zero(S);
            FloatVector i1 = FloatVector.zero(S);
            FloatVector i2 = FloatVector.zero(S);
            FloatVector i3 = FloatVector.zero(S);
            FloatVector m0 = FloatVector.zero(S);
            FloatVector m1 = FloatVector.zero(S);
            FloatVector m2 = FloatVector.zero(S);
            FloatVector m3 = FloatVector.zero(S);
            for (int b = 0; b < blocks; b++) {
                int gaps = 2 * (b + 3 >> 2) + (b >> unit);
                FloatVector a0 = FloatVector.zero(S);
                FloatVector a1 = FloatVector.zero(S);
                FloatVector a2 = FloatVector.zero(S);
                FloatVector a3 = FloatVector.zero(S);
                for (int j = b * words; j < (b + 1) * words; j++) {
                    long at = top + (long) (j + gaps) * VECTOR;
                    int c = 8 * j;
                    IntVector w0 = IntVector.fromMemorySegment(I, w, o0 + at, LE);
                    IntVector w1 = IntVector.fromMemorySegment(I, w, o1 + at, LE);
                    IntVector w2 = IntVector.fromMemorySegment(I, w, o2 + at, LE);
                    IntVector w3 = IntVector.fromMemorySegment(I, w, o3 + at, LE);
                    for (int k = 0; k < 4; k++) {
                        FloatVector v = FloatVector.broadcast(S, x[c + k]);
                        a0 = w0.lanewise(LSHL, 19 - 4 * k).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
                        a1 = w1.lanewise(LSHL, 19 - 4 * k).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
                        a2 = w2.lanewise(LSHL, 19 - 4 * k).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
                        a3 = w3.lanewise(LSHL, 19 - 4 * k).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
                    }
                    w0 = w0.lanewise(LSHR, 16);
                    w1 = w1.lanewise(LSHR, 16);
                    w2 = w2.lanewise(LSHR, 16);
                    w3 = w3.lanewise(LSHR, 16);
                    for (int k = 0; k < 4; k++) {
                        FloatVector v = FloatVector.broadcast(S, x[c + k + 4]);
                        a0 = w0.lanewise(LSHL, 19 - 4 * k).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
                        a1 = w1.lanewise(LSHL, 19 - 4 * k).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
                        a2 = w2.lanewise(LSHL, 19 - 4 * k).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
                        a3 = w3.lanewise(LSHL, 19 - 4 * k).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
                    }
                }
                FloatVector rest = FloatVector.broadcast(S, rests[b]);
                long at = top + (long) ((b >> 2) * run + (b >> unit) + words) * VECTOR;
                int turn = 15 - 8 * (b & 3);
                FloatVector sum = FloatVector.broadcast(S, sums[4 * b]);
                a0 = a0.add(rest);
                a1 = a1.add(rest);
                a2 = a2.add(rest);
                a3 = a3.add(rest);
                // The scale, then the minimum. Their sums change places in each turn, so after two they are back.
                for (int k = 0; k < 2; k++) {
                    FloatVector s0 = IntVector.fromMemorySegment(I, w, o0 + at, LE).lanewise(ROL, turn).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle).fma(a0, i0);
                    i0 = m0;
                    m0 = s0;
                    a0 = sum;
                    FloatVector s1 = IntVector.fromMemorySegment(I, w, o1 + at, LE).lanewise(ROL, turn).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle).fma(a1, i1);
                    i1 = m1;
                    m1 = s1;
                    a1 = sum;
                    FloatVector s2 = IntVector.fromMemorySegment(I, w, o2 + at, LE).lanewise(ROL, turn).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle).fma(a2, i2);
                    i2 = m2;
                    m2 = s2;
                    a2 = sum;
                    FloatVector s3 = IntVector.fromMemorySegment(I, w, o3 + at, LE).lanewise(ROL, turn).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle).fma(a3, i3);
                    i3 = m3;
                    m3 = s3;
                    a3 = sum;
                    at += VECTOR;
                }
                if ((b & last) == last) {
                    at = top + (long) (((b >> unit) + 1) * unitWords - 1) * VECTOR;
                    for (int k = 0; k < 2; k++) {
                        float factor = 256f - 512f * k;
                        y0 = IntVector.fromMemorySegment(I, w, o0 + at, LE).lanewise(LSHL, 16 - 16 * k).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(factor).fma(i0, y0);
                        i0 = m0;
                        m0 = FloatVector.zero(S);
                        y1 = IntVector.fromMemorySegment(I, w, o1 + at, LE).lanewise(LSHL, 16 - 16 * k).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(factor).fma(i1, y1);
                        i1 = m1;
                        m1 = FloatVector.zero(S);
                        y2 = IntVector.fromMemorySegment(I, w, o2 + at, LE).lanewise(LSHL, 16 - 16 * k).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(factor).fma(i2, y2);
                        i2 = m2;
                        m2 = FloatVector.zero(S);
                        y3 = IntVector.fromMemorySegment(I, w, o3 + at, LE).lanewise(LSHL, 16 - 16 * k).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(factor).fma(i3, y3);
                        i3 = m3;
                        m3 = FloatVector.zero(S);
                    }
                }
            }
            int to = yo + q * L;
            y0.mul(result).intoArray(y, to);
            y1.mul(result).intoArray(y, to + apart);
            y2.mul(result).intoArray(y, to + 2 * apart);
            y3.mul(result).intoArray(y, to + 3 * apart);
        }
    }

    /** 2-bit codes with quantized scales; a word has 16. */
    public static void dot2(Plane plane, long[] o, int blocks, int steps, float[] x, float[] rests, float result, float[] y, int yo, int apart) {
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int run = plane.runWords();
        int unit = plane.unitShift();
        int unitWords = plane.unitWords();
        long rowBytes = (long) plane.rowWords(blocks) * VECTOR;
        IntVector low = IntVector.broadcast(I, Masks.CODE2[0]);
        IntVector high = IntVector.broadcast(I, Masks.CODE2[1]);
        IntVector one = IntVector.broadcast(I, Masks.ONE[0]);
        IntVector half = IntVector.broadcast(I, Masks.HALF[0]);
        IntVector all = IntVector.broadcast(I, Masks.CODE8[0]);
        FloatVector middle = FloatVector.broadcast(S, 1.5f);
        int last = (1 << unit) - 1;
        long o0 = o[0];
        long o1 = o[1];
        long o2 = o[2];
        long o3 = o[3];
        for (int q = 0; q < steps; q++) {
            long top = q * rowBytes;
            FloatVector y0 = FloatVector.zero(S);
            FloatVector y1 = FloatVector.zero(S);
            FloatVector y2 = FloatVector.zero(S);
            FloatVector y3 = FloatVector.zero(S);
            FloatVector i0 = FloatVector.zero(S);
            FloatVector i1 = FloatVector.zero(S);
            FloatVector i2 = FloatVector.zero(S);
            FloatVector i3 = FloatVector.zero(S);
            for (int b = 0; b < blocks; b++) {
                int gaps = (b + 3 >> 2) + (b >> unit);
                FloatVector a0 = FloatVector.zero(S);
                FloatVector a1 = FloatVector.zero(S);
                FloatVector a2 = FloatVector.zero(S);
                FloatVector a3 = FloatVector.zero(S);
                for (int j = b * words; j < (b + 1) * words; j++) {
                    long at = top + (long) (j + gaps) * VECTOR;
                    int c = 16 * j;
                    IntVector w0 = IntVector.fromMemorySegment(I, w, o0 + at, LE);
                    IntVector w1 = IntVector.fromMemorySegment(I, w, o1 + at, LE);
                    IntVector w2 = IntVector.fromMemorySegment(I, w, o2 + at, LE);
                    IntVector w3 = IntVector.fromMemorySegment(I, w, o3 + at, LE);
                    for (int k = 0; k < 5; k++) {
                        IntVector p0 = w0.lanewise(LSHL, 19 - 4 * k);
                        IntVector p1 = w1.lanewise(LSHL, 19 - 4 * k);
                        IntVector p2 = w2.lanewise(LSHL, 19 - 4 * k);
                        IntVector p3 = w3.lanewise(LSHL, 19 - 4 * k);
                        FloatVector v = FloatVector.broadcast(S, x[c + 2 * k]);
                        a0 = p0.lanewise(AND, low).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
                        a1 = p1.lanewise(AND, low).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
                        a2 = p2.lanewise(AND, low).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
                        a3 = p3.lanewise(AND, low).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
                        FloatVector v1 = FloatVector.broadcast(S, x[c + 2 * k + 1]);
                        a0 = p0.lanewise(AND, high).lanewise(OR, one).reinterpretAsFloats().fma(v1, a0);
                        a1 = p1.lanewise(AND, high).lanewise(OR, one).reinterpretAsFloats().fma(v1, a1);
                        a2 = p2.lanewise(AND, high).lanewise(OR, one).reinterpretAsFloats().fma(v1, a2);
                        a3 = p3.lanewise(AND, high).lanewise(OR, one).reinterpretAsFloats().fma(v1, a3);
                    }
                    for (int k = 0; k < 3; k++) {
                        IntVector p0 = w0.lanewise(LSHR, 1 + 4 * k);
                        IntVector p1 = w1.lanewise(LSHR, 1 + 4 * k);
                        IntVector p2 = w2.lanewise(LSHR, 1 + 4 * k);
                        IntVector p3 = w3.lanewise(LSHR, 1 + 4 * k);
                        FloatVector v = FloatVector.broadcast(S, x[c + 2 * k + 10]);
                        a0 = p0.lanewise(AND, low).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
                        a1 = p1.lanewise(AND, low).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
                        a2 = p2.lanewise(AND, low).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
                        a3 = p3.lanewise(AND, low).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
                        FloatVector v1 = FloatVector.broadcast(S, x[c + 2 * k + 11]);
                        a0 = p0.lanewise(AND, high).lanewise(OR, one).reinterpretAsFloats().fma(v1, a0);
                        a1 = p1.lanewise(AND, high).lanewise(OR, one).reinterpretAsFloats().fma(v1, a1);
                        a2 = p2.lanewise(AND, high).lanewise(OR, one).reinterpretAsFloats().fma(v1, a2);
                        a3 = p3.lanewise(AND, high).lanewise(OR, one).reinterpretAsFloats().fma(v1, a3);
                    }
                }
                FloatVector rest = FloatVector.broadcast(S, rests[b]);
                long at = top + (long) ((b >> 2) * run + (b >> unit) + words) * VECTOR;
                int turn = 15 - 8 * (b & 3);
                i0 = IntVector.fromMemorySegment(I, w, o0 + at, LE).lanewise(ROL, turn).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle).fma(a0.add(rest), i0);
                i1 = IntVector.fromMemorySegment(I, w, o1 + at, LE).lanewise(ROL, turn).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle).fma(a1.add(rest), i1);
                i2 = IntVector.fromMemorySegment(I, w, o2 + at, LE).lanewise(ROL, turn).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle).fma(a2.add(rest), i2);
                i3 = IntVector.fromMemorySegment(I, w, o3 + at, LE).lanewise(ROL, turn).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle).fma(a3.add(rest), i3);
                if ((b & last) == last) {
                    at = top + (long) (((b >> unit) + 1) * unitWords - 1) * VECTOR;
                    y0 = IntVector.fromMemorySegment(I, w, o0 + at, LE).lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(256f).fma(i0, y0);
                    y1 = IntVector.fromMemorySegment(I, w, o1 + at, LE).lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(256f).fma(i1, y1);
                    y2 = IntVector.fromMemorySegment(I, w, o2 + at, LE).lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(256f).fma(i2, y2);
                    y3 = IntVector.fromMemorySegment(I, w, o3 + at, LE).lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(256f).fma(i3, y3);
                    i0 = FloatVector.zero(S);
                    i1 = FloatVector.zero(S);
                    i2 = FloatVector.zero(S);
                    i3 = FloatVector.zero(S);
                }
            }
            int to = yo + q * L;
            y0.mul(result).intoArray(y, to);
            y1.mul(result).intoArray(y, to + apart);
            y2.mul(result).intoArray(y, to + 2 * apart);
            y3.mul(result).intoArray(y, to + 3 * apart);
        }
    }

    /** 2-bit codes with quantized scales and minima; a word has 16. */
    public static void dot2Min(Plane plane, long[] o, int blocks, int steps, float[] x, float[] rests, float[] sums, float result, float[] y, int yo, int apart) {
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int run = plane.runWords();
        int unit = plane.unitShift();
        int unitWords = plane.unitWords();
        long rowBytes = (long) plane.rowWords(blocks) * VECTOR;
        IntVector low = IntVector.broadcast(I, Masks.CODE2[0]);
        IntVector high = IntVector.broadcast(I, Masks.CODE2[1]);
        IntVector one = IntVector.broadcast(I, Masks.ONE[0]);
        IntVector half = IntVector.broadcast(I, Masks.HALF[0]);
        IntVector all = IntVector.broadcast(I, Masks.CODE8[0]);
        FloatVector middle = FloatVector.broadcast(S, 1.5f);
        int last = (1 << unit) - 1;
        long o0 = o[0];
        long o1 = o[1];
        long o2 = o[2];
        long o3 = o[3];
        for (int q = 0; q < steps; q++) {
            long top = q * rowBytes;
            FloatVector y0 = FloatVector.zero(S);
            FloatVector y1 = FloatVector.zero(S);
            FloatVector y2 = FloatVector.zero(S);
            FloatVector y3 = FloatVector.zero(S);
            FloatVector i0 = FloatVector.zero(S);
            FloatVector i1 = FloatVector.zero(S);
            FloatVector i2 = FloatVector.zero(S);
            FloatVector i3 = FloatVector.zero(S);
            FloatVector m0 = FloatVector.zero(S);
            FloatVector m1 = FloatVector.zero(S);
            FloatVector m2 = FloatVector.zero(S);
            FloatVector m3 = FloatVector.zero(S);
            for (int b = 0; b < blocks; b++) {
                int gaps = 2 * (b + 3 >> 2) + (b >> unit);
                FloatVector a0 = FloatVector.zero(S);
                FloatVector a1 = FloatVector.zero(S);
                FloatVector a2 = FloatVector.zero(S);
                FloatVector a3 = FloatVector.zero(S);
                for (int j = b * words; j < (b + 1) * words; j++) {
                    long at = top + (long) (j + gaps) * VECTOR;
                    int c = 16 * j;
                    IntVector w0 = IntVector.fromMemorySegment(I, w, o0 + at, LE);
                    IntVector w1 = IntVector.fromMemorySegment(I, w, o1 + at, LE);
                    IntVector w2 = IntVector.fromMemorySegment(I, w, o2 + at, LE);
                    IntVector w3 = IntVector.fromMemorySegment(I, w, o3 + at, LE);
                    for (int k = 0; k < 5; k++) {
                        IntVector p0 = w0.lanewise(LSHL, 19 - 4 * k);
                        IntVector p1 = w1.lanewise(LSHL, 19 - 4 * k);
                        IntVector p2 = w2.lanewise(LSHL, 19 - 4 * k);
                        IntVector p3 = w3.lanewise(LSHL, 19 - 4 * k);
                        FloatVector v = FloatVector.broadcast(S, x[c + 2 * k]);
                        a0 = p0.lanewise(AND, low).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
                        a1 = p1.lanewise(AND, low).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
                        a2 = p2.lanewise(AND, low).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
                        a3 = p3.lanewise(AND, low).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
                        FloatVector v1 = FloatVector.broadcast(S, x[c + 2 * k + 1]);
                        a0 = p0.lanewise(AND, high).lanewise(OR, one).reinterpretAsFloats().fma(v1, a0);
                        a1 = p1.lanewise(AND, high).lanewise(OR, one).reinterpretAsFloats().fma(v1, a1);
                        a2 = p2.lanewise(AND, high).lanewise(OR, one).reinterpretAsFloats().fma(v1, a2);
                        a3 = p3.lanewise(AND, high).lanewise(OR, one).reinterpretAsFloats().fma(v1, a3);
                    }
                    for (int k = 0; k < 3; k++) {
                        IntVector p0 = w0.lanewise(LSHR, 1 + 4 * k);
                        IntVector p1 = w1.lanewise(LSHR, 1 + 4 * k);
                        IntVector p2 = w2.lanewise(LSHR, 1 + 4 * k);
                        IntVector p3 = w3.lanewise(LSHR, 1 + 4 * k);
                        FloatVector v = FloatVector.broadcast(S, x[c + 2 * k + 10]);
                        a0 = p0.lanewise(AND, low).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
                        a1 = p1.lanewise(AND, low).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
                        a2 = p2.lanewise(AND, low).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
                        a3 = p3.lanewise(AND, low).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
                        FloatVector v1 = FloatVector.broadcast(S, x[c + 2 * k + 11]);
                        a0 = p0.lanewise(AND, high).lanewise(OR, one).reinterpretAsFloats().fma(v1, a0);
                        a1 = p1.lanewise(AND, high).lanewise(OR, one).reinterpretAsFloats().fma(v1, a1);
                        a2 = p2.lanewise(AND, high).lanewise(OR, one).reinterpretAsFloats().fma(v1, a2);
                        a3 = p3.lanewise(AND, high).lanewise(OR, one).reinterpretAsFloats().fma(v1, a3);
                    }
                }
                FloatVector rest = FloatVector.broadcast(S, rests[b]);
                long at = top + (long) ((b >> 2) * run + (b >> unit) + words) * VECTOR;
                int turn = 15 - 8 * (b & 3);
                FloatVector sum = FloatVector.broadcast(S, sums[4 * b]);
                a0 = a0.add(rest);
                a1 = a1.add(rest);
                a2 = a2.add(rest);
                a3 = a3.add(rest);
                // The scale, then the minimum. Their sums change places in each turn, so after two they are back.
                for (int k = 0; k < 2; k++) {
                    FloatVector s0 = IntVector.fromMemorySegment(I, w, o0 + at, LE).lanewise(ROL, turn).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle).fma(a0, i0);
                    i0 = m0;
                    m0 = s0;
                    a0 = sum;
                    FloatVector s1 = IntVector.fromMemorySegment(I, w, o1 + at, LE).lanewise(ROL, turn).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle).fma(a1, i1);
                    i1 = m1;
                    m1 = s1;
                    a1 = sum;
                    FloatVector s2 = IntVector.fromMemorySegment(I, w, o2 + at, LE).lanewise(ROL, turn).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle).fma(a2, i2);
                    i2 = m2;
                    m2 = s2;
                    a2 = sum;
                    FloatVector s3 = IntVector.fromMemorySegment(I, w, o3 + at, LE).lanewise(ROL, turn).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle).fma(a3, i3);
                    i3 = m3;
                    m3 = s3;
                    a3 = sum;
                    at += VECTOR;
                }
                if ((b & last) == last) {
                    at = top + (long) (((b >> unit) + 1) * unitWords - 1) * VECTOR;
                    for (int k = 0; k < 2; k++) {
                        float factor = 256f - 512f * k;
                        y0 = IntVector.fromMemorySegment(I, w, o0 + at, LE).lanewise(LSHL, 16 - 16 * k).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(factor).fma(i0, y0);
                        i0 = m0;
                        m0 = FloatVector.zero(S);
                        y1 = IntVector.fromMemorySegment(I, w, o1 + at, LE).lanewise(LSHL, 16 - 16 * k).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(factor).fma(i1, y1);
                        i1 = m1;
                        m1 = FloatVector.zero(S);
                        y2 = IntVector.fromMemorySegment(I, w, o2 + at, LE).lanewise(LSHL, 16 - 16 * k).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(factor).fma(i2, y2);
                        i2 = m2;
                        m2 = FloatVector.zero(S);
                        y3 = IntVector.fromMemorySegment(I, w, o3 + at, LE).lanewise(LSHL, 16 - 16 * k).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(factor).fma(i3, y3);
                        i3 = m3;
                        m3 = FloatVector.zero(S);
                    }
                }
            }
            int to = yo + q * L;
            y0.mul(result).intoArray(y, to);
            y1.mul(result).intoArray(y, to + apart);
            y2.mul(result).intoArray(y, to + 2 * apart);
            y3.mul(result).intoArray(y, to + 3 * apart);
        }
    }

    /** Table values of 4-bit codes with quantized scales; a word has 8. */
    public static void dotTable4(Plane plane, long[] o, int blocks, int steps, float[] x, float[] rests, float result, float[] y, int yo, int apart, int[] table) {
        if (L < 16) {
            PackedTable.dot(plane, o, blocks, steps, x, rests, result, y, yo, apart, table);
            return;
        }
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int run = plane.runWords();
        int unit = plane.unitShift();
        int unitWords = plane.unitWords();
        long rowBytes = (long) plane.rowWords(blocks) * VECTOR;
        IntVector low = IntVector.broadcast(I, 15);
        IntVector half = IntVector.broadcast(I, Masks.HALF[0]);
        IntVector one = IntVector.broadcast(I, Masks.ONE[0]);
        IntVector all = IntVector.broadcast(I, Masks.CODE8[0]);
        FloatVector middle = FloatVector.broadcast(S, 1.5f);
        IntVector values = IntVector.fromArray(I, table, 0);
        int last = (1 << unit) - 1;
        long o0 = o[0];
        long o1 = o[1];
        long o2 = o[2];
        long o3 = o[3];
        for (int q = 0; q < steps; q++) {
            long top = q * rowBytes;
            FloatVector y0 = FloatVector.zero(S);
            FloatVector y1 = FloatVector.zero(S);
            FloatVector y2 = FloatVector.zero(S);
            FloatVector y3 = FloatVector.zero(S);
            FloatVector i0 = FloatVector.zero(S);
            FloatVector i1 = FloatVector.zero(S);
            FloatVector i2 = FloatVector.zero(S);
            FloatVector i3 = FloatVector.zero(S);
            for (int b = 0; b < blocks; b++) {
                int gaps = (b + 3 >> 2) + (b >> unit);
                FloatVector a0 = FloatVector.zero(S);
                FloatVector a1 = FloatVector.zero(S);
                FloatVector a2 = FloatVector.zero(S);
                FloatVector a3 = FloatVector.zero(S);
                for (int j = b * words; j < (b + 1) * words; j++) {
                    long at = top + (long) (j + gaps) * VECTOR;
                    int c = 8 * j;
                    IntVector w0 = IntVector.fromMemorySegment(I, w, o0 + at, LE);
                    IntVector w1 = IntVector.fromMemorySegment(I, w, o1 + at, LE);
                    IntVector w2 = IntVector.fromMemorySegment(I, w, o2 + at, LE);
                    IntVector w3 = IntVector.fromMemorySegment(I, w, o3 + at, LE);
                    for (int k = 0; k < 4; k++) {
                        FloatVector v = FloatVector.broadcast(S, x[c + k]);
                        a0 = w0.lanewise(LSHR, 0 + 4 * k).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v, a0);
                        a1 = w1.lanewise(LSHR, 0 + 4 * k).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v, a1);
                        a2 = w2.lanewise(LSHR, 0 + 4 * k).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v, a2);
                        a3 = w3.lanewise(LSHR, 0 + 4 * k).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v, a3);
                    }
                    for (int k = 0; k < 4; k++) {
                        FloatVector v = FloatVector.broadcast(S, x[c + k + 4]);
                        a0 = w0.lanewise(LSHR, 16 + 4 * k).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v, a0);
                        a1 = w1.lanewise(LSHR, 16 + 4 * k).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v, a1);
                        a2 = w2.lanewise(LSHR, 16 + 4 * k).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v, a2);
                        a3 = w3.lanewise(LSHR, 16 + 4 * k).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v, a3);
                    }
                }
                FloatVector rest = FloatVector.broadcast(S, rests[b]);
                long at = top + (long) ((b >> 2) * run + (b >> unit) + words) * VECTOR;
                int turn = 15 - 8 * (b & 3);
                i0 = IntVector.fromMemorySegment(I, w, o0 + at, LE).lanewise(ROL, turn).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle).fma(a0.add(rest), i0);
                i1 = IntVector.fromMemorySegment(I, w, o1 + at, LE).lanewise(ROL, turn).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle).fma(a1.add(rest), i1);
                i2 = IntVector.fromMemorySegment(I, w, o2 + at, LE).lanewise(ROL, turn).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle).fma(a2.add(rest), i2);
                i3 = IntVector.fromMemorySegment(I, w, o3 + at, LE).lanewise(ROL, turn).lanewise(AND, all).lanewise(OR, one).reinterpretAsFloats().sub(middle).fma(a3.add(rest), i3);
                if ((b & last) == last) {
                    at = top + (long) (((b >> unit) + 1) * unitWords - 1) * VECTOR;
                    y0 = IntVector.fromMemorySegment(I, w, o0 + at, LE).lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(256f).fma(i0, y0);
                    y1 = IntVector.fromMemorySegment(I, w, o1 + at, LE).lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(256f).fma(i1, y1);
                    y2 = IntVector.fromMemorySegment(I, w, o2 + at, LE).lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(256f).fma(i2, y2);
                    y3 = IntVector.fromMemorySegment(I, w, o3 + at, LE).lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().mul(256f).fma(i3, y3);
                    i0 = FloatVector.zero(S);
                    i1 = FloatVector.zero(S);
                    i2 = FloatVector.zero(S);
                    i3 = FloatVector.zero(S);
                }
            }
            int to = yo + q * L;
            y0.mul(result).intoArray(y, to);
            y1.mul(result).intoArray(y, to + apart);
            y2.mul(result).intoArray(y, to + 2 * apart);
            y3.mul(result).intoArray(y, to + 3 * apart);
        }
    }
    // spotless:on
}
