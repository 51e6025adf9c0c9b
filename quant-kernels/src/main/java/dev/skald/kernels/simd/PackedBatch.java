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
 * Products of packed matrices with four rows of activations: two groups of rows, each code of which is made a float once.
 *
 * <p>This is {@link PackedDot} with four tokens in the place of four groups: the activations are
 * {@code x[field][4 tokens]}, {@code rests[block][4 tokens]} is added, and the sums end in
 * {@code acc[block][4 tokens][lanes]}, {@code bcc} for the second group, so that {@link PackedScales} goes on with them in
 * the same way.
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
    public static void dot8(Plane plane, long o, long p, int blocks, float[] x, int xo, float[] rests, int io, float[] acc, float[] bcc) {
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
            FloatVector b0 = FloatVector.zero(S);
            FloatVector b1 = FloatVector.zero(S);
            FloatVector b2 = FloatVector.zero(S);
            FloatVector b3 = FloatVector.zero(S);
            int gaps = (b >> unit) * gap;
            for (int j = b * words; j < (b + 1) * words; j++) {
                int c = 4 * (xo + 4 * j);
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
                    v = v.lanewise(LSHR, 8);
                    u = u.lanewise(LSHR, 8);
                    c += 4;
                }
            }
            int a = b * 4 * L;
            int i = 4 * (io + b);
            FloatVector rest = FloatVector.broadcast(S, rests[i]);
            a0.add(rest).intoArray(acc, a);
            b0.add(rest).intoArray(bcc, a);
            rest = FloatVector.broadcast(S, rests[i + 1]);
            a1.add(rest).intoArray(acc, a + L);
            b1.add(rest).intoArray(bcc, a + L);
            rest = FloatVector.broadcast(S, rests[i + 2]);
            a2.add(rest).intoArray(acc, a + 2 * L);
            b2.add(rest).intoArray(bcc, a + 2 * L);
            rest = FloatVector.broadcast(S, rests[i + 3]);
            a3.add(rest).intoArray(acc, a + 3 * L);
            b3.add(rest).intoArray(bcc, a + 3 * L);
        }
    }

    /** Sums over 6-bit codes. */
    public static void dot6(Plane plane, long o, long p, int blocks, float[] x, int xo, float[] rests, int io, float[] acc, float[] bcc) {
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
            FloatVector b0 = FloatVector.zero(S);
            FloatVector b1 = FloatVector.zero(S);
            FloatVector b2 = FloatVector.zero(S);
            FloatVector b3 = FloatVector.zero(S);
            int gaps = (b >> unit) * gap;
            for (int j = b * words; j < (b + 1) * words; j++) {
                int c = 4 * (xo + 6 * j);
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
                    v = v.lanewise(LSHR, 6);
                    u = u.lanewise(LSHR, 6);
                    c += 4;
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
            }
            int a = b * 4 * L;
            int i = 4 * (io + b);
            FloatVector rest = FloatVector.broadcast(S, rests[i]);
            a0.add(rest).intoArray(acc, a);
            b0.add(rest).intoArray(bcc, a);
            rest = FloatVector.broadcast(S, rests[i + 1]);
            a1.add(rest).intoArray(acc, a + L);
            b1.add(rest).intoArray(bcc, a + L);
            rest = FloatVector.broadcast(S, rests[i + 2]);
            a2.add(rest).intoArray(acc, a + 2 * L);
            b2.add(rest).intoArray(bcc, a + 2 * L);
            rest = FloatVector.broadcast(S, rests[i + 3]);
            a3.add(rest).intoArray(acc, a + 3 * L);
            b3.add(rest).intoArray(bcc, a + 3 * L);
        }
    }

    /** Sums over 5-bit codes. */
    public static void dot5(Plane plane, long o, long p, int blocks, float[] x, int xo, float[] rests, int io, float[] acc, float[] bcc) {
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
            FloatVector b0 = FloatVector.zero(S);
            FloatVector b1 = FloatVector.zero(S);
            FloatVector b2 = FloatVector.zero(S);
            FloatVector b3 = FloatVector.zero(S);
            int gaps = (b >> unit) * gap;
            for (int j = b * words; j < (b + 1) * words; j++) {
                int c = 4 * (xo + 8 * j);
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
                    v = v.lanewise(LSHR, 5);
                    u = u.lanewise(LSHR, 5);
                    c += 4;
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
                f = v.lanewise(LSHL, 21).lanewise(AND, bit31).lanewise(OR, one).reinterpretAsFloats();
                g = u.lanewise(LSHL, 21).lanewise(AND, bit31).lanewise(OR, one).reinterpretAsFloats();
                y = FloatVector.broadcast(S, x[c + 4]);
                a0 = f.fma(y, a0);
                b0 = g.fma(y, b0);
                y = FloatVector.broadcast(S, x[c + 5]);
                a1 = f.fma(y, a1);
                b1 = g.fma(y, b1);
                y = FloatVector.broadcast(S, x[c + 6]);
                a2 = f.fma(y, a2);
                b2 = g.fma(y, b2);
                y = FloatVector.broadcast(S, x[c + 7]);
                a3 = f.fma(y, a3);
                b3 = g.fma(y, b3);
            }
            int a = b * 4 * L;
            int i = 4 * (io + b);
            FloatVector rest = FloatVector.broadcast(S, rests[i]);
            a0.add(rest).intoArray(acc, a);
            b0.add(rest).intoArray(bcc, a);
            rest = FloatVector.broadcast(S, rests[i + 1]);
            a1.add(rest).intoArray(acc, a + L);
            b1.add(rest).intoArray(bcc, a + L);
            rest = FloatVector.broadcast(S, rests[i + 2]);
            a2.add(rest).intoArray(acc, a + 2 * L);
            b2.add(rest).intoArray(bcc, a + 2 * L);
            rest = FloatVector.broadcast(S, rests[i + 3]);
            a3.add(rest).intoArray(acc, a + 3 * L);
            b3.add(rest).intoArray(bcc, a + 3 * L);
        }
    }

    /** Sums over 4-bit codes. */
    public static void dot4(Plane plane, long o, long p, int blocks, float[] x, int xo, float[] rests, int io, float[] acc, float[] bcc) {
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
            FloatVector b0 = FloatVector.zero(S);
            FloatVector b1 = FloatVector.zero(S);
            FloatVector b2 = FloatVector.zero(S);
            FloatVector b3 = FloatVector.zero(S);
            int gaps = (b >> unit) * gap;
            for (int j = b * words; j < (b + 1) * words; j++) {
                int c = 4 * (xo + 8 * j);
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
                    f = v.lanewise(LSHL, 15).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                    g = u.lanewise(LSHL, 15).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats();
                    y = FloatVector.broadcast(S, x[c + 4]);
                    a0 = f.fma(y, a0);
                    b0 = g.fma(y, b0);
                    y = FloatVector.broadcast(S, x[c + 5]);
                    a1 = f.fma(y, a1);
                    b1 = g.fma(y, b1);
                    y = FloatVector.broadcast(S, x[c + 6]);
                    a2 = f.fma(y, a2);
                    b2 = g.fma(y, b2);
                    y = FloatVector.broadcast(S, x[c + 7]);
                    a3 = f.fma(y, a3);
                    b3 = g.fma(y, b3);
                    v = v.lanewise(LSHR, 8);
                    u = u.lanewise(LSHR, 8);
                    c += 8;
                }
            }
            int a = b * 4 * L;
            int i = 4 * (io + b);
            FloatVector rest = FloatVector.broadcast(S, rests[i]);
            a0.add(rest).intoArray(acc, a);
            b0.add(rest).intoArray(bcc, a);
            rest = FloatVector.broadcast(S, rests[i + 1]);
            a1.add(rest).intoArray(acc, a + L);
            b1.add(rest).intoArray(bcc, a + L);
            rest = FloatVector.broadcast(S, rests[i + 2]);
            a2.add(rest).intoArray(acc, a + 2 * L);
            b2.add(rest).intoArray(bcc, a + 2 * L);
            rest = FloatVector.broadcast(S, rests[i + 3]);
            a3.add(rest).intoArray(acc, a + 3 * L);
            b3.add(rest).intoArray(bcc, a + 3 * L);
        }
    }

    /** Sums over 2-bit codes. */
    public static void dot2(Plane plane, long o, long p, int blocks, float[] x, int xo, float[] rests, int io, float[] acc, float[] bcc) {
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
            FloatVector b0 = FloatVector.zero(S);
            FloatVector b1 = FloatVector.zero(S);
            FloatVector b2 = FloatVector.zero(S);
            FloatVector b3 = FloatVector.zero(S);
            int gaps = (b >> unit) * gap;
            for (int j = b * words; j < (b + 1) * words; j++) {
                int c = 4 * (xo + 16 * j);
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
                    f = v.lanewise(LSHL, 19).lanewise(AND, high).lanewise(OR, one).reinterpretAsFloats();
                    g = u.lanewise(LSHL, 19).lanewise(AND, high).lanewise(OR, one).reinterpretAsFloats();
                    y = FloatVector.broadcast(S, x[c + 4]);
                    a0 = f.fma(y, a0);
                    b0 = g.fma(y, b0);
                    y = FloatVector.broadcast(S, x[c + 5]);
                    a1 = f.fma(y, a1);
                    b1 = g.fma(y, b1);
                    y = FloatVector.broadcast(S, x[c + 6]);
                    a2 = f.fma(y, a2);
                    b2 = g.fma(y, b2);
                    y = FloatVector.broadcast(S, x[c + 7]);
                    a3 = f.fma(y, a3);
                    b3 = g.fma(y, b3);
                    v = v.lanewise(LSHR, 4);
                    u = u.lanewise(LSHR, 4);
                    c += 8;
                }
            }
            int a = b * 4 * L;
            int i = 4 * (io + b);
            FloatVector rest = FloatVector.broadcast(S, rests[i]);
            a0.add(rest).intoArray(acc, a);
            b0.add(rest).intoArray(bcc, a);
            rest = FloatVector.broadcast(S, rests[i + 1]);
            a1.add(rest).intoArray(acc, a + L);
            b1.add(rest).intoArray(bcc, a + L);
            rest = FloatVector.broadcast(S, rests[i + 2]);
            a2.add(rest).intoArray(acc, a + 2 * L);
            b2.add(rest).intoArray(bcc, a + 2 * L);
            rest = FloatVector.broadcast(S, rests[i + 3]);
            a3.add(rest).intoArray(acc, a + 3 * L);
            b3.add(rest).intoArray(bcc, a + 3 * L);
        }
    }

    /** Sums over the table values of 4-bit codes. */
    public static void dotTable4(Plane plane, long o, long p, int blocks, float[] x, int xo, float[] rests, int io, float[] acc, float[] bcc, int[] table) {
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
            FloatVector b0 = FloatVector.zero(S);
            FloatVector b1 = FloatVector.zero(S);
            FloatVector b2 = FloatVector.zero(S);
            FloatVector b3 = FloatVector.zero(S);
            int gaps = (b >> unit) * gap;
            for (int j = b * words; j < (b + 1) * words; j++) {
                int c = 4 * (xo + 8 * j);
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
                    v = v.lanewise(LSHR, 4);
                    u = u.lanewise(LSHR, 4);
                    c += 4;
                }
            }
            int a = b * 4 * L;
            int i = 4 * (io + b);
            FloatVector rest = FloatVector.broadcast(S, rests[i]);
            a0.add(rest).intoArray(acc, a);
            b0.add(rest).intoArray(bcc, a);
            rest = FloatVector.broadcast(S, rests[i + 1]);
            a1.add(rest).intoArray(acc, a + L);
            b1.add(rest).intoArray(bcc, a + L);
            rest = FloatVector.broadcast(S, rests[i + 2]);
            a2.add(rest).intoArray(acc, a + 2 * L);
            b2.add(rest).intoArray(bcc, a + 2 * L);
            rest = FloatVector.broadcast(S, rests[i + 3]);
            a3.add(rest).intoArray(acc, a + 3 * L);
            b3.add(rest).intoArray(bcc, a + 3 * L);
        }
    }
    // spotless:on
}
