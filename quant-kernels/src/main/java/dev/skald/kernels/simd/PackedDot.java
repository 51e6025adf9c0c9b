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
 * activation between them. It adds sums of code x activation to {@code acc[block][4 groups][lanes]}; a second kind of
 * kernel then multiplies these by the scales.
 *
 * <p>A code becomes a float by its place: shifted to the top of the mantissa and joined with the exponent of 1 it is
 * 1 + q / 2^bits. The activations bring the factor 2^bits, and {@code acc} starts with what the ones add up to, negative.
 * Activations also bring a factor 2^56, see {@link #F16_SCALE}.
 *
 * <p>Every kernel is one flat method: vectors that cross a call which C2 does not inline are boxed, ten times slower.
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

    private static final int ONE = 0x3F800000;
    private static final int HALF_MASK = 0x8FFFE000;

    private PackedDot() {}

    // A line a product, so that a kernel can be read at a glance.
    // spotless:off

    /** acc[b][s] = init[b], for all lanes. */
    public static void fill(float[] init, int io, int blocks, float[] acc) {
        for (int b = 0; b < blocks; b++) {
            FloatVector v = FloatVector.broadcast(S, init[io + b]);
            v.intoArray(acc, b * 4 * L);
            v.intoArray(acc, b * 4 * L + L);
            v.intoArray(acc, b * 4 * L + 2 * L);
            v.intoArray(acc, b * 4 * L + 3 * L);
        }
    }

    /** Sums of 4-bit codes; 2^{@code blockShift} words of 8 codes share a sum. */
    public static void dot4(MemorySegment w, long[] o, int words, int blockShift, float[] x, int xo, float[] acc) {
        long o0 = o[0];
        long o1 = o[1];
        long o2 = o[2];
        long o3 = o[3];
        IntVector mask = IntVector.broadcast(I, 0x780000);
        IntVector one = IntVector.broadcast(I, ONE);
        for (int j = 0; j < words; j++) {
            int a = (j >> blockShift) * 4 * L;
            long at = (long) j * VECTOR;
            IntVector w0 = IntVector.fromMemorySegment(I, w, o0 + at, LE);
            IntVector w1 = IntVector.fromMemorySegment(I, w, o1 + at, LE);
            IntVector w2 = IntVector.fromMemorySegment(I, w, o2 + at, LE);
            IntVector w3 = IntVector.fromMemorySegment(I, w, o3 + at, LE);
            FloatVector a0 = FloatVector.fromArray(S, acc, a);
            FloatVector a1 = FloatVector.fromArray(S, acc, a + L);
            FloatVector a2 = FloatVector.fromArray(S, acc, a + 2 * L);
            FloatVector a3 = FloatVector.fromArray(S, acc, a + 3 * L);
            int c = xo + 8 * j;
            FloatVector v = FloatVector.broadcast(S, x[c]);
            a0 = w0.lanewise(LSHL, 19).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
            a1 = w1.lanewise(LSHL, 19).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
            a2 = w2.lanewise(LSHL, 19).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
            a3 = w3.lanewise(LSHL, 19).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
            v = FloatVector.broadcast(S, x[c + 1]);
            a0 = w0.lanewise(LSHL, 15).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
            a1 = w1.lanewise(LSHL, 15).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
            a2 = w2.lanewise(LSHL, 15).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
            a3 = w3.lanewise(LSHL, 15).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
            v = FloatVector.broadcast(S, x[c + 2]);
            a0 = w0.lanewise(LSHL, 11).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
            a1 = w1.lanewise(LSHL, 11).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
            a2 = w2.lanewise(LSHL, 11).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
            a3 = w3.lanewise(LSHL, 11).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
            v = FloatVector.broadcast(S, x[c + 3]);
            a0 = w0.lanewise(LSHL, 7).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
            a1 = w1.lanewise(LSHL, 7).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
            a2 = w2.lanewise(LSHL, 7).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
            a3 = w3.lanewise(LSHL, 7).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
            v = FloatVector.broadcast(S, x[c + 4]);
            a0 = w0.lanewise(LSHL, 3).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
            a1 = w1.lanewise(LSHL, 3).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
            a2 = w2.lanewise(LSHL, 3).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
            a3 = w3.lanewise(LSHL, 3).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
            v = FloatVector.broadcast(S, x[c + 5]);
            a0 = w0.lanewise(LSHR, 1).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
            a1 = w1.lanewise(LSHR, 1).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
            a2 = w2.lanewise(LSHR, 1).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
            a3 = w3.lanewise(LSHR, 1).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
            v = FloatVector.broadcast(S, x[c + 6]);
            a0 = w0.lanewise(LSHR, 5).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
            a1 = w1.lanewise(LSHR, 5).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
            a2 = w2.lanewise(LSHR, 5).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
            a3 = w3.lanewise(LSHR, 5).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
            v = FloatVector.broadcast(S, x[c + 7]);
            a0 = w0.lanewise(LSHR, 9).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
            a1 = w1.lanewise(LSHR, 9).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
            a2 = w2.lanewise(LSHR, 9).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
            a3 = w3.lanewise(LSHR, 9).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
            a0.intoArray(acc, a);
            a1.intoArray(acc, a + L);
            a2.intoArray(acc, a + 2 * L);
            a3.intoArray(acc, a + 3 * L);
        }
    }

    /** Sums of 8-bit codes; 2^{@code blockShift} words of 4 codes share a sum. */
    public static void dot8(MemorySegment w, long[] o, int words, int blockShift, float[] x, int xo, float[] acc) {
        long o0 = o[0];
        long o1 = o[1];
        long o2 = o[2];
        long o3 = o[3];
        IntVector mask = IntVector.broadcast(I, 0x7F8000);
        IntVector one = IntVector.broadcast(I, ONE);
        for (int j = 0; j < words; j++) {
            int a = (j >> blockShift) * 4 * L;
            long at = (long) j * VECTOR;
            IntVector w0 = IntVector.fromMemorySegment(I, w, o0 + at, LE);
            IntVector w1 = IntVector.fromMemorySegment(I, w, o1 + at, LE);
            IntVector w2 = IntVector.fromMemorySegment(I, w, o2 + at, LE);
            IntVector w3 = IntVector.fromMemorySegment(I, w, o3 + at, LE);
            FloatVector a0 = FloatVector.fromArray(S, acc, a);
            FloatVector a1 = FloatVector.fromArray(S, acc, a + L);
            FloatVector a2 = FloatVector.fromArray(S, acc, a + 2 * L);
            FloatVector a3 = FloatVector.fromArray(S, acc, a + 3 * L);
            int c = xo + 4 * j;
            FloatVector v = FloatVector.broadcast(S, x[c]);
            a0 = w0.lanewise(LSHL, 15).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
            a1 = w1.lanewise(LSHL, 15).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
            a2 = w2.lanewise(LSHL, 15).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
            a3 = w3.lanewise(LSHL, 15).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
            v = FloatVector.broadcast(S, x[c + 1]);
            a0 = w0.lanewise(LSHL, 7).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
            a1 = w1.lanewise(LSHL, 7).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
            a2 = w2.lanewise(LSHL, 7).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
            a3 = w3.lanewise(LSHL, 7).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
            v = FloatVector.broadcast(S, x[c + 2]);
            a0 = w0.lanewise(LSHR, 1).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
            a1 = w1.lanewise(LSHR, 1).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
            a2 = w2.lanewise(LSHR, 1).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
            a3 = w3.lanewise(LSHR, 1).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
            v = FloatVector.broadcast(S, x[c + 3]);
            a0 = w0.lanewise(LSHR, 9).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
            a1 = w1.lanewise(LSHR, 9).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
            a2 = w2.lanewise(LSHR, 9).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
            a3 = w3.lanewise(LSHR, 9).lanewise(AND, mask).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
            a0.intoArray(acc, a);
            a1.intoArray(acc, a + L);
            a2.intoArray(acc, a + 2 * L);
            a3.intoArray(acc, a + 3 * L);
        }
    }

    /** Sums of the table values of 4-bit codes; 2^{@code blockShift} words of 8 codes share a sum. */
    public static void dotTable4(
            MemorySegment w, long[] o, int words, int blockShift, float[] x, int xo, float[] acc, int[] table) {
        long o0 = o[0];
        long o1 = o[1];
        long o2 = o[2];
        long o3 = o[3];
        if (L < 16) {
            dotNarrowTable4(w, o, words, blockShift, x, xo, acc, table);
            return;
        }
        IntVector low = IntVector.broadcast(I, 15);
        IntVector values = IntVector.fromArray(I, table, 0);
        for (int j = 0; j < words; j++) {
            int a = (j >> blockShift) * 4 * L;
            long at = (long) j * VECTOR;
            IntVector w0 = IntVector.fromMemorySegment(I, w, o0 + at, LE);
            IntVector w1 = IntVector.fromMemorySegment(I, w, o1 + at, LE);
            IntVector w2 = IntVector.fromMemorySegment(I, w, o2 + at, LE);
            IntVector w3 = IntVector.fromMemorySegment(I, w, o3 + at, LE);
            FloatVector a0 = FloatVector.fromArray(S, acc, a);
            FloatVector a1 = FloatVector.fromArray(S, acc, a + L);
            FloatVector a2 = FloatVector.fromArray(S, acc, a + 2 * L);
            FloatVector a3 = FloatVector.fromArray(S, acc, a + 3 * L);
            int c = xo + 8 * j;
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
            a0.intoArray(acc, a);
            a1.intoArray(acc, a + L);
            a2.intoArray(acc, a + 2 * L);
            a3.intoArray(acc, a + 3 * L);
        }
    }

    /** Sums of 2-bit codes; 2^{@code blockShift} words of 16 codes share a sum. A shift serves two codes, so that the first of
     * two has the factor 2^4 and the second 2^2. */
    public static void dot2(MemorySegment w, long[] o, int words, int blockShift, float[] x, int xo, float[] acc) {
        long o0 = o[0];
        long o1 = o[1];
        long o2 = o[2];
        long o3 = o[3];
        IntVector one = IntVector.broadcast(I, ONE);
        IntVector upper = IntVector.broadcast(I, 0x600000);
        IntVector lower = IntVector.broadcast(I, 0x180000);
        for (int j = 0; j < words; j++) {
            int a = (j >> blockShift) * 4 * L;
            long at = (long) j * VECTOR;
            IntVector w0 = IntVector.fromMemorySegment(I, w, o0 + at, LE);
            IntVector w1 = IntVector.fromMemorySegment(I, w, o1 + at, LE);
            IntVector w2 = IntVector.fromMemorySegment(I, w, o2 + at, LE);
            IntVector w3 = IntVector.fromMemorySegment(I, w, o3 + at, LE);
            FloatVector a0 = FloatVector.fromArray(S, acc, a);
            FloatVector a1 = FloatVector.fromArray(S, acc, a + L);
            FloatVector a2 = FloatVector.fromArray(S, acc, a + 2 * L);
            FloatVector a3 = FloatVector.fromArray(S, acc, a + 3 * L);
            int c = xo + 16 * j;
            for (int r = 0; r < 4; r++) {
                FloatVector v = FloatVector.broadcast(S, x[c]);
                a0 = w0.lanewise(LSHL, 19).lanewise(AND, lower).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(LSHL, 19).lanewise(AND, lower).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(LSHL, 19).lanewise(AND, lower).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(LSHL, 19).lanewise(AND, lower).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
                v = FloatVector.broadcast(S, x[c + 1]);
                a0 = w0.lanewise(LSHL, 19).lanewise(AND, upper).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(LSHL, 19).lanewise(AND, upper).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(LSHL, 19).lanewise(AND, upper).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(LSHL, 19).lanewise(AND, upper).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
                v = FloatVector.broadcast(S, x[c + 2]);
                a0 = w0.lanewise(LSHL, 15).lanewise(AND, lower).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(LSHL, 15).lanewise(AND, lower).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(LSHL, 15).lanewise(AND, lower).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(LSHL, 15).lanewise(AND, lower).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
                v = FloatVector.broadcast(S, x[c + 3]);
                a0 = w0.lanewise(LSHL, 15).lanewise(AND, upper).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(LSHL, 15).lanewise(AND, upper).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(LSHL, 15).lanewise(AND, upper).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(LSHL, 15).lanewise(AND, upper).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
                w0 = w0.lanewise(LSHR, 8);
                w1 = w1.lanewise(LSHR, 8);
                w2 = w2.lanewise(LSHR, 8);
                w3 = w3.lanewise(LSHR, 8);
                c += 4;
            }
            a0.intoArray(acc, a);
            a1.intoArray(acc, a + L);
            a2.intoArray(acc, a + 2 * L);
            a3.intoArray(acc, a + 3 * L);
        }
    }

    /** Sums of 1-bit codes; 2^{@code blockShift} words of 32 codes share a sum. A shift serves two codes, so that the first of
     * two has the factor 2^2 and the second 2^1. */
    public static void dot1(MemorySegment w, long[] o, int words, int blockShift, float[] x, int xo, float[] acc) {
        long o0 = o[0];
        long o1 = o[1];
        long o2 = o[2];
        long o3 = o[3];
        IntVector one = IntVector.broadcast(I, ONE);
        IntVector upper = IntVector.broadcast(I, 0x400000);
        IntVector lower = IntVector.broadcast(I, 0x200000);
        for (int j = 0; j < words; j++) {
            int a = (j >> blockShift) * 4 * L;
            long at = (long) j * VECTOR;
            IntVector w0 = IntVector.fromMemorySegment(I, w, o0 + at, LE);
            IntVector w1 = IntVector.fromMemorySegment(I, w, o1 + at, LE);
            IntVector w2 = IntVector.fromMemorySegment(I, w, o2 + at, LE);
            IntVector w3 = IntVector.fromMemorySegment(I, w, o3 + at, LE);
            FloatVector a0 = FloatVector.fromArray(S, acc, a);
            FloatVector a1 = FloatVector.fromArray(S, acc, a + L);
            FloatVector a2 = FloatVector.fromArray(S, acc, a + 2 * L);
            FloatVector a3 = FloatVector.fromArray(S, acc, a + 3 * L);
            int c = xo + 32 * j;
            for (int r = 0; r < 4; r++) {
                FloatVector v = FloatVector.broadcast(S, x[c]);
                a0 = w0.lanewise(LSHL, 21).lanewise(AND, lower).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(LSHL, 21).lanewise(AND, lower).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(LSHL, 21).lanewise(AND, lower).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(LSHL, 21).lanewise(AND, lower).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
                v = FloatVector.broadcast(S, x[c + 1]);
                a0 = w0.lanewise(LSHL, 21).lanewise(AND, upper).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(LSHL, 21).lanewise(AND, upper).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(LSHL, 21).lanewise(AND, upper).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(LSHL, 21).lanewise(AND, upper).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
                v = FloatVector.broadcast(S, x[c + 2]);
                a0 = w0.lanewise(LSHL, 19).lanewise(AND, lower).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(LSHL, 19).lanewise(AND, lower).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(LSHL, 19).lanewise(AND, lower).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(LSHL, 19).lanewise(AND, lower).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
                v = FloatVector.broadcast(S, x[c + 3]);
                a0 = w0.lanewise(LSHL, 19).lanewise(AND, upper).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(LSHL, 19).lanewise(AND, upper).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(LSHL, 19).lanewise(AND, upper).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(LSHL, 19).lanewise(AND, upper).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
                v = FloatVector.broadcast(S, x[c + 4]);
                a0 = w0.lanewise(LSHL, 17).lanewise(AND, lower).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(LSHL, 17).lanewise(AND, lower).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(LSHL, 17).lanewise(AND, lower).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(LSHL, 17).lanewise(AND, lower).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
                v = FloatVector.broadcast(S, x[c + 5]);
                a0 = w0.lanewise(LSHL, 17).lanewise(AND, upper).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(LSHL, 17).lanewise(AND, upper).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(LSHL, 17).lanewise(AND, upper).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(LSHL, 17).lanewise(AND, upper).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
                v = FloatVector.broadcast(S, x[c + 6]);
                a0 = w0.lanewise(LSHL, 15).lanewise(AND, lower).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(LSHL, 15).lanewise(AND, lower).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(LSHL, 15).lanewise(AND, lower).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(LSHL, 15).lanewise(AND, lower).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
                v = FloatVector.broadcast(S, x[c + 7]);
                a0 = w0.lanewise(LSHL, 15).lanewise(AND, upper).lanewise(OR, one).reinterpretAsFloats().fma(v, a0);
                a1 = w1.lanewise(LSHL, 15).lanewise(AND, upper).lanewise(OR, one).reinterpretAsFloats().fma(v, a1);
                a2 = w2.lanewise(LSHL, 15).lanewise(AND, upper).lanewise(OR, one).reinterpretAsFloats().fma(v, a2);
                a3 = w3.lanewise(LSHL, 15).lanewise(AND, upper).lanewise(OR, one).reinterpretAsFloats().fma(v, a3);
                w0 = w0.lanewise(LSHR, 8);
                w1 = w1.lanewise(LSHR, 8);
                w2 = w2.lanewise(LSHR, 8);
                w3 = w3.lanewise(LSHR, 8);
                c += 8;
            }
            a0.intoArray(acc, a);
            a1.intoArray(acc, a + L);
            a2.intoArray(acc, a + 2 * L);
            a3.intoArray(acc, a + 3 * L);
        }
    }

    /** Sums of floats; 2^{@code blockShift} words share a sum. */
    public static void dotF32(MemorySegment w, long[] o, int words, int blockShift, float[] x, int xo, float[] acc) {
        long o0 = o[0];
        long o1 = o[1];
        long o2 = o[2];
        long o3 = o[3];
        for (int j = 0; j < words; j++) {
            int a = (j >> blockShift) * 4 * L;
            long at = (long) j * VECTOR;
            IntVector w0 = IntVector.fromMemorySegment(I, w, o0 + at, LE);
            IntVector w1 = IntVector.fromMemorySegment(I, w, o1 + at, LE);
            IntVector w2 = IntVector.fromMemorySegment(I, w, o2 + at, LE);
            IntVector w3 = IntVector.fromMemorySegment(I, w, o3 + at, LE);
            FloatVector a0 = FloatVector.fromArray(S, acc, a);
            FloatVector a1 = FloatVector.fromArray(S, acc, a + L);
            FloatVector a2 = FloatVector.fromArray(S, acc, a + 2 * L);
            FloatVector a3 = FloatVector.fromArray(S, acc, a + 3 * L);
            int c = xo + j;
            FloatVector v = FloatVector.broadcast(S, x[c]);
            a0 = w0.reinterpretAsFloats().fma(v, a0);
            a1 = w1.reinterpretAsFloats().fma(v, a1);
            a2 = w2.reinterpretAsFloats().fma(v, a2);
            a3 = w3.reinterpretAsFloats().fma(v, a3);
            a0.intoArray(acc, a);
            a1.intoArray(acc, a + L);
            a2.intoArray(acc, a + 2 * L);
            a3.intoArray(acc, a + 3 * L);
        }
    }

    /** Sums of half-precision floats times 2^-112; 2^{@code blockShift} words of two share a sum. */
    public static void dotF16(MemorySegment w, long[] o, int words, int blockShift, float[] x, int xo, float[] acc) {
        long o0 = o[0];
        long o1 = o[1];
        long o2 = o[2];
        long o3 = o[3];
        IntVector mask = IntVector.broadcast(I, HALF_MASK);
        for (int j = 0; j < words; j++) {
            int a = (j >> blockShift) * 4 * L;
            long at = (long) j * VECTOR;
            IntVector w0 = IntVector.fromMemorySegment(I, w, o0 + at, LE);
            IntVector w1 = IntVector.fromMemorySegment(I, w, o1 + at, LE);
            IntVector w2 = IntVector.fromMemorySegment(I, w, o2 + at, LE);
            IntVector w3 = IntVector.fromMemorySegment(I, w, o3 + at, LE);
            FloatVector a0 = FloatVector.fromArray(S, acc, a);
            FloatVector a1 = FloatVector.fromArray(S, acc, a + L);
            FloatVector a2 = FloatVector.fromArray(S, acc, a + 2 * L);
            FloatVector a3 = FloatVector.fromArray(S, acc, a + 3 * L);
            int c = xo + 2 * j;
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
            a0.intoArray(acc, a);
            a1.intoArray(acc, a + L);
            a2.intoArray(acc, a + 2 * L);
            a3.intoArray(acc, a + 3 * L);
        }
    }

    /** Sums of bfloat16; 2^{@code blockShift} words of two share a sum. */
    public static void dotBF16(MemorySegment w, long[] o, int words, int blockShift, float[] x, int xo, float[] acc) {
        long o0 = o[0];
        long o1 = o[1];
        long o2 = o[2];
        long o3 = o[3];
        IntVector mask = IntVector.broadcast(I, 0xFFFF0000);
        for (int j = 0; j < words; j++) {
            int a = (j >> blockShift) * 4 * L;
            long at = (long) j * VECTOR;
            IntVector w0 = IntVector.fromMemorySegment(I, w, o0 + at, LE);
            IntVector w1 = IntVector.fromMemorySegment(I, w, o1 + at, LE);
            IntVector w2 = IntVector.fromMemorySegment(I, w, o2 + at, LE);
            IntVector w3 = IntVector.fromMemorySegment(I, w, o3 + at, LE);
            FloatVector a0 = FloatVector.fromArray(S, acc, a);
            FloatVector a1 = FloatVector.fromArray(S, acc, a + L);
            FloatVector a2 = FloatVector.fromArray(S, acc, a + 2 * L);
            FloatVector a3 = FloatVector.fromArray(S, acc, a + 3 * L);
            int c = xo + 2 * j;
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
            a0.intoArray(acc, a);
            a1.intoArray(acc, a + L);
            a2.intoArray(acc, a + 2 * L);
            a3.intoArray(acc, a + 3 * L);
        }
    }

    /** {@link #dotTable4} where no vector holds the whole table. */
    private static void dotNarrowTable4(
            MemorySegment w, long[] o, int words, int blockShift, float[] x, int xo, float[] acc, int[] table) {
        IntVector low = IntVector.broadcast(I, 15);
        for (int s = 0; s < STREAMS; s++) {
            for (int j = 0; j < words; j++) {
                IntVector v = IntVector.fromMemorySegment(I, w, o[s] + (long) j * VECTOR, LE);
                int at = ((j >> blockShift) * 4 + s) * L;
                FloatVector sum = FloatVector.fromArray(S, acc, at);
                for (int i = 0; i < 8; i++) {
                    sum = PackedPanel.look(v.lanewise(AND, low), table).reinterpretAsFloats().fma(FloatVector.broadcast(S, x[xo + 8 * j + i]), sum);
                    v = v.lanewise(LSHR, 4);
                }
                sum.intoArray(acc, at);
            }
        }
    }
    // spotless:on
}
