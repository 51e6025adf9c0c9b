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
 * Products of packed matrices with one row of activations, for codes with 16-bit scales and for floats. {@link
 * PackedSuperDot} has the kernels for scales that have a scale themselves.
 *
 * <p>A kernel walks four groups of rows that lie far apart, which hides the latency of memory, and shares each
 * activation between them; then the next group of each, and so on, {@code steps} times. It begins at the offsets {@code
 * o[4]} and writes {@code y[yo + step lanes + group apart + lane]}, times {@code result}. It receives one activation
 * for each field of a word; and for each of the {@code blocks} scale blocks, the number that is added to the sum of
 * code x activation ({@code rests}) and the sum of the activations ({@code sums[block][4]}).
 *
 * <p>Each word is read once and in the order of memory, {@link Plane}: {@code gaps} are the words of scales before a
 * block's codes, and {@code up} (or {@code turn}) brings its scale to its place from the word that it shares. Only
 * results are written. So the processor can fetch far ahead while it computes. Storing sums block by block and
 * multiplying them by their scales later would cost a quarter of the speed, and so would a call for every step.
 *
 * <p>A code becomes a float by its place: shifted towards the top of the mantissa, alone with the exponent of 1, it is
 * 1 + q / 2^k for some k. The activations bring the factor 2^k, and {@code rests} subtracts the sum of the ones. The
 * smaller that factor, the less precision is lost in the difference, so each code has a shift of its own, and only two
 * 2-bit codes share one. Activations also bring a factor 2^56, see {@link #F16_SCALE}.
 *
 * <p>{@code KernelGenerator}, in src/generator, writes the kernels. Every kernel is one flat method: a vector that is
 * passed to a call that C2 does not inline is boxed, which is ten times slower. The properties of the plane are read
 * before the loops, because small calls use up C2's budget for inlining. Each sum begins with a zero of its own: with
 * one shared zero, C2 would keep sums and masks on the stack.
 */
final class PackedDot {
    /** The lanes of a vector, and so the rows of a group. */
    public static final int L = VectorKernels.S.length();

    /** The number of groups that are processed together. */
    public static final int STREAMS = 4;

    /**
     * The bits of a half-precision float, moved to where a float32 has them, are the value times 2^-112. Activations
     * times 2^56 undo half of that factor, so that no product is denormal, and results times 2^56 the other half.
     */
    public static final float F16_SCALE = 0x1p56f;

    private static final VectorSpecies<Float> S = VectorKernels.S;
    private static final VectorSpecies<Integer> I = VectorKernels.I;
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final int VECTOR = 4 * L;

    private PackedDot() {}

    // A line a product, so that a kernel can be read at a glance.
    // spotless:off

    /** 8-bit codes with half-precision scales; a word has 4. */
    public static void dot8(Plane plane, long[] o, int blocks, int steps, float[] x, float[] rests, float result, float[] y, int yo, int apart) {
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int run = plane.runWords();
        long rowBytes = (long) plane.rowWords(blocks) * VECTOR;
        IntVector code = IntVector.broadcast(I, Masks.CODE8[0]);
        IntVector one = IntVector.broadcast(I, Masks.ONE[0]);
        IntVector half = IntVector.broadcast(I, Masks.HALF[0]);
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
            for (int b = 0; b < blocks; b++) {
                int gaps = b + 1 >> 1;
                FloatVector a0 = FloatVector.zero(S);
                FloatVector a1 = FloatVector.zero(S);
                FloatVector a2 = FloatVector.zero(S);
                FloatVector a3 = FloatVector.zero(S);
                for (int j = b * words; j < (b + 1) * words; j++) {
                    long at = top + (long) (j + gaps) * VECTOR;
                    int c = 4 * j;
                    IntVector w0 = IntVector.fromMemorySegment(I, w, o0 + at, LE);
                    IntVector w1 = IntVector.fromMemorySegment(I, w, o1 + at, LE);
                    IntVector w2 = IntVector.fromMemorySegment(I, w, o2 + at, LE);
                    IntVector w3 = IntVector.fromMemorySegment(I, w, o3 + at, LE);
                    FloatVector v0 = FloatVector.broadcast(S, x[c]);
                    a0 = w0.lanewise(LSHL, 15).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v0, a0);
                    a1 = w1.lanewise(LSHL, 15).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v0, a1);
                    a2 = w2.lanewise(LSHL, 15).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v0, a2);
                    a3 = w3.lanewise(LSHL, 15).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v0, a3);
                    FloatVector v1 = FloatVector.broadcast(S, x[c + 1]);
                    a0 = w0.lanewise(LSHL, 7).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v1, a0);
                    a1 = w1.lanewise(LSHL, 7).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v1, a1);
                    a2 = w2.lanewise(LSHL, 7).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v1, a2);
                    a3 = w3.lanewise(LSHL, 7).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v1, a3);
                    FloatVector v2 = FloatVector.broadcast(S, x[c + 2]);
                    a0 = w0.lanewise(LSHR, 1).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v2, a0);
                    a1 = w1.lanewise(LSHR, 1).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v2, a1);
                    a2 = w2.lanewise(LSHR, 1).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v2, a2);
                    a3 = w3.lanewise(LSHR, 1).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v2, a3);
                    FloatVector v3 = FloatVector.broadcast(S, x[c + 3]);
                    a0 = w0.lanewise(LSHR, 9).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v3, a0);
                    a1 = w1.lanewise(LSHR, 9).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v3, a1);
                    a2 = w2.lanewise(LSHR, 9).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v3, a2);
                    a3 = w3.lanewise(LSHR, 9).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v3, a3);
                }
                FloatVector rest = FloatVector.broadcast(S, rests[b]);
                long at = top + (long) ((b >> 1) * run + words) * VECTOR;
                int up = 16 - 16 * (b & 1);
                y0 = IntVector.fromMemorySegment(I, w, o0 + at, LE).lanewise(LSHL, up).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().fma(a0.add(rest), y0);
                y1 = IntVector.fromMemorySegment(I, w, o1 + at, LE).lanewise(LSHL, up).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().fma(a1.add(rest), y1);
                y2 = IntVector.fromMemorySegment(I, w, o2 + at, LE).lanewise(LSHL, up).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().fma(a2.add(rest), y2);
                y3 = IntVector.fromMemorySegment(I, w, o3 + at, LE).lanewise(LSHL, up).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().fma(a3.add(rest), y3);
            }
            int to = yo + q * L;
            y0.mul(result).intoArray(y, to);
            y1.mul(result).intoArray(y, to + apart);
            y2.mul(result).intoArray(y, to + 2 * apart);
            y3.mul(result).intoArray(y, to + 3 * apart);
        }
    }

    /** 5-bit codes with half-precision scales; a word has 6, and one bit of each of two more. */
    public static void dot5(Plane plane, long[] o, int blocks, int steps, float[] x, float[] rests, float result, float[] y, int yo, int apart) {
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int run = plane.runWords();
        long rowBytes = (long) plane.rowWords(blocks) * VECTOR;
        IntVector code = IntVector.broadcast(I, Masks.CODE5[0]);
        IntVector bit30 = IntVector.broadcast(I, Masks.CODE5[1]);
        IntVector bit31 = IntVector.broadcast(I, Masks.CODE5[2]);
        IntVector one = IntVector.broadcast(I, Masks.ONE[0]);
        IntVector half = IntVector.broadcast(I, Masks.HALF[0]);
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
            for (int b = 0; b < blocks; b++) {
                int gaps = b + 1 >> 1;
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
                    FloatVector v0 = FloatVector.broadcast(S, x[c]);
                    a0 = w0.lanewise(LSHL, 18).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v0, a0);
                    a1 = w1.lanewise(LSHL, 18).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v0, a1);
                    a2 = w2.lanewise(LSHL, 18).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v0, a2);
                    a3 = w3.lanewise(LSHL, 18).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v0, a3);
                    FloatVector v1 = FloatVector.broadcast(S, x[c + 1]);
                    a0 = w0.lanewise(LSHL, 13).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v1, a0);
                    a1 = w1.lanewise(LSHL, 13).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v1, a1);
                    a2 = w2.lanewise(LSHL, 13).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v1, a2);
                    a3 = w3.lanewise(LSHL, 13).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v1, a3);
                    FloatVector v2 = FloatVector.broadcast(S, x[c + 2]);
                    a0 = w0.lanewise(LSHL, 8).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v2, a0);
                    a1 = w1.lanewise(LSHL, 8).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v2, a1);
                    a2 = w2.lanewise(LSHL, 8).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v2, a2);
                    a3 = w3.lanewise(LSHL, 8).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v2, a3);
                    FloatVector v3 = FloatVector.broadcast(S, x[c + 3]);
                    a0 = w0.lanewise(LSHL, 3).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v3, a0);
                    a1 = w1.lanewise(LSHL, 3).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v3, a1);
                    a2 = w2.lanewise(LSHL, 3).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v3, a2);
                    a3 = w3.lanewise(LSHL, 3).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v3, a3);
                    FloatVector v4 = FloatVector.broadcast(S, x[c + 4]);
                    a0 = w0.lanewise(LSHR, 2).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v4, a0);
                    a1 = w1.lanewise(LSHR, 2).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v4, a1);
                    a2 = w2.lanewise(LSHR, 2).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v4, a2);
                    a3 = w3.lanewise(LSHR, 2).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v4, a3);
                    FloatVector v5 = FloatVector.broadcast(S, x[c + 5]);
                    a0 = w0.lanewise(LSHR, 7).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v5, a0);
                    a1 = w1.lanewise(LSHR, 7).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v5, a1);
                    a2 = w2.lanewise(LSHR, 7).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v5, a2);
                    a3 = w3.lanewise(LSHR, 7).lanewise(AND, code).lanewise(OR, one).reinterpretAsFloats().fma(v5, a3);
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
                long at = top + (long) ((b >> 1) * run + words) * VECTOR;
                int up = 16 - 16 * (b & 1);
                y0 = IntVector.fromMemorySegment(I, w, o0 + at, LE).lanewise(LSHL, up).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().fma(a0.add(rest), y0);
                y1 = IntVector.fromMemorySegment(I, w, o1 + at, LE).lanewise(LSHL, up).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().fma(a1.add(rest), y1);
                y2 = IntVector.fromMemorySegment(I, w, o2 + at, LE).lanewise(LSHL, up).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().fma(a2.add(rest), y2);
                y3 = IntVector.fromMemorySegment(I, w, o3 + at, LE).lanewise(LSHL, up).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().fma(a3.add(rest), y3);
            }
            int to = yo + q * L;
            y0.mul(result).intoArray(y, to);
            y1.mul(result).intoArray(y, to + apart);
            y2.mul(result).intoArray(y, to + 2 * apart);
            y3.mul(result).intoArray(y, to + 3 * apart);
        }
    }

    /** 5-bit codes with half-precision scales and minima; a word has 6, and one bit of each of two more. */
    public static void dot5Min(Plane plane, long[] o, int blocks, int steps, float[] x, float[] rests, float[] sums, float result, float[] y, int yo, int apart) {
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int run = plane.runWords();
        long rowBytes = (long) plane.rowWords(blocks) * VECTOR;
        IntVector code = IntVector.broadcast(I, Masks.CODE5[0]);
        IntVector bit30 = IntVector.broadcast(I, Masks.CODE5[1]);
        IntVector bit31 = IntVector.broadcast(I, Masks.CODE5[2]);
        IntVector one = IntVector.broadcast(I, Masks.ONE[0]);
        IntVector half = IntVector.broadcast(I, Masks.HALF[0]);
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
            for (int b = 0; b < blocks; b++) {
                int gaps = b;
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
                long at = top + (long) (b * run + words) * VECTOR;
                FloatVector sum = FloatVector.broadcast(S, sums[4 * b]);
                y0 = IntVector.fromMemorySegment(I, w, o0 + at, LE).lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().fma(a0.add(rest), y0);
                y1 = IntVector.fromMemorySegment(I, w, o1 + at, LE).lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().fma(a1.add(rest), y1);
                y2 = IntVector.fromMemorySegment(I, w, o2 + at, LE).lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().fma(a2.add(rest), y2);
                y3 = IntVector.fromMemorySegment(I, w, o3 + at, LE).lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().fma(a3.add(rest), y3);
                y0 = IntVector.fromMemorySegment(I, w, o0 + at, LE).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().fma(sum, y0);
                y1 = IntVector.fromMemorySegment(I, w, o1 + at, LE).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().fma(sum, y1);
                y2 = IntVector.fromMemorySegment(I, w, o2 + at, LE).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().fma(sum, y2);
                y3 = IntVector.fromMemorySegment(I, w, o3 + at, LE).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().fma(sum, y3);
            }
            int to = yo + q * L;
            y0.mul(result).intoArray(y, to);
            y1.mul(result).intoArray(y, to + apart);
            y2.mul(result).intoArray(y, to + 2 * apart);
            y3.mul(result).intoArray(y, to + 3 * apart);
        }
    }

    /** 4-bit codes with half-precision scales; a word has 8. */
    public static void dot4(Plane plane, long[] o, int blocks, int steps, float[] x, float[] rests, float result, float[] y, int yo, int apart) {
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int run = plane.runWords();
        long rowBytes = (long) plane.rowWords(blocks) * VECTOR;
        IntVector code = IntVector.broadcast(I, Masks.CODE4[0]);
        IntVector one = IntVector.broadcast(I, Masks.ONE[0]);
        IntVector half = IntVector.broadcast(I, Masks.HALF[0]);
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
            for (int b = 0; b < blocks; b++) {
                int gaps = b + 1 >> 1;
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
                long at = top + (long) ((b >> 1) * run + words) * VECTOR;
                int up = 16 - 16 * (b & 1);
                y0 = IntVector.fromMemorySegment(I, w, o0 + at, LE).lanewise(LSHL, up).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().fma(a0.add(rest), y0);
                y1 = IntVector.fromMemorySegment(I, w, o1 + at, LE).lanewise(LSHL, up).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().fma(a1.add(rest), y1);
                y2 = IntVector.fromMemorySegment(I, w, o2 + at, LE).lanewise(LSHL, up).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().fma(a2.add(rest), y2);
                y3 = IntVector.fromMemorySegment(I, w, o3 + at, LE).lanewise(LSHL, up).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().fma(a3.add(rest), y3);
            }
            int to = yo + q * L;
            y0.mul(result).intoArray(y, to);
            y1.mul(result).intoArray(y, to + apart);
            y2.mul(result).intoArray(y, to + 2 * apart);
            y3.mul(result).intoArray(y, to + 3 * apart);
        }
    }

    /** 4-bit codes with half-precision scales and minima; a word has 8. */
    public static void dot4Min(Plane plane, long[] o, int blocks, int steps, float[] x, float[] rests, float[] sums, float result, float[] y, int yo, int apart) {
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int run = plane.runWords();
        long rowBytes = (long) plane.rowWords(blocks) * VECTOR;
        IntVector code = IntVector.broadcast(I, Masks.CODE4[0]);
        IntVector one = IntVector.broadcast(I, Masks.ONE[0]);
        IntVector half = IntVector.broadcast(I, Masks.HALF[0]);
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
            for (int b = 0; b < blocks; b++) {
                int gaps = b;
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
                long at = top + (long) (b * run + words) * VECTOR;
                FloatVector sum = FloatVector.broadcast(S, sums[4 * b]);
                y0 = IntVector.fromMemorySegment(I, w, o0 + at, LE).lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().fma(a0.add(rest), y0);
                y1 = IntVector.fromMemorySegment(I, w, o1 + at, LE).lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().fma(a1.add(rest), y1);
                y2 = IntVector.fromMemorySegment(I, w, o2 + at, LE).lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().fma(a2.add(rest), y2);
                y3 = IntVector.fromMemorySegment(I, w, o3 + at, LE).lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().fma(a3.add(rest), y3);
                y0 = IntVector.fromMemorySegment(I, w, o0 + at, LE).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().fma(sum, y0);
                y1 = IntVector.fromMemorySegment(I, w, o1 + at, LE).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().fma(sum, y1);
                y2 = IntVector.fromMemorySegment(I, w, o2 + at, LE).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().fma(sum, y2);
                y3 = IntVector.fromMemorySegment(I, w, o3 + at, LE).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().fma(sum, y3);
            }
            int to = yo + q * L;
            y0.mul(result).intoArray(y, to);
            y1.mul(result).intoArray(y, to + apart);
            y2.mul(result).intoArray(y, to + 2 * apart);
            y3.mul(result).intoArray(y, to + 3 * apart);
        }
    }

    /** 2-bit codes with half-precision scales; a word has 16. */
    public static void dot2(Plane plane, long[] o, int blocks, int steps, float[] x, float[] rests, float result, float[] y, int yo, int apart) {
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int run = plane.runWords();
        long rowBytes = (long) plane.rowWords(blocks) * VECTOR;
        IntVector low = IntVector.broadcast(I, Masks.CODE2[0]);
        IntVector high = IntVector.broadcast(I, Masks.CODE2[1]);
        IntVector one = IntVector.broadcast(I, Masks.ONE[0]);
        IntVector half = IntVector.broadcast(I, Masks.HALF[0]);
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
            for (int b = 0; b < blocks; b++) {
                int gaps = b + 1 >> 1;
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
                long at = top + (long) ((b >> 1) * run + words) * VECTOR;
                int up = 16 - 16 * (b & 1);
                y0 = IntVector.fromMemorySegment(I, w, o0 + at, LE).lanewise(LSHL, up).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().fma(a0.add(rest), y0);
                y1 = IntVector.fromMemorySegment(I, w, o1 + at, LE).lanewise(LSHL, up).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().fma(a1.add(rest), y1);
                y2 = IntVector.fromMemorySegment(I, w, o2 + at, LE).lanewise(LSHL, up).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().fma(a2.add(rest), y2);
                y3 = IntVector.fromMemorySegment(I, w, o3 + at, LE).lanewise(LSHL, up).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().fma(a3.add(rest), y3);
            }
            int to = yo + q * L;
            y0.mul(result).intoArray(y, to);
            y1.mul(result).intoArray(y, to + apart);
            y2.mul(result).intoArray(y, to + 2 * apart);
            y3.mul(result).intoArray(y, to + 3 * apart);
        }
    }

    /** Table values of 4-bit codes with half-precision scales; a word has 8. */
    public static void dotTable4(Plane plane, long[] o, int blocks, int steps, float[] x, float[] rests, float result, float[] y, int yo, int apart, int[] table) {
        if (L < 16) {
            PackedTable.dot(plane, o, blocks, steps, x, rests, result, y, yo, apart, table);
            return;
        }
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int run = plane.runWords();
        long rowBytes = (long) plane.rowWords(blocks) * VECTOR;
        IntVector low = IntVector.broadcast(I, 15);
        IntVector half = IntVector.broadcast(I, Masks.HALF[0]);
        IntVector values = IntVector.fromArray(I, table, 0);
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
            for (int b = 0; b < blocks; b++) {
                int gaps = b + 1 >> 1;
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
                    FloatVector v0 = FloatVector.broadcast(S, x[c]);
                    a0 = w0.lanewise(LSHR, 0).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v0, a0);
                    a1 = w1.lanewise(LSHR, 0).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v0, a1);
                    a2 = w2.lanewise(LSHR, 0).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v0, a2);
                    a3 = w3.lanewise(LSHR, 0).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v0, a3);
                    FloatVector v1 = FloatVector.broadcast(S, x[c + 1]);
                    a0 = w0.lanewise(LSHR, 4).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v1, a0);
                    a1 = w1.lanewise(LSHR, 4).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v1, a1);
                    a2 = w2.lanewise(LSHR, 4).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v1, a2);
                    a3 = w3.lanewise(LSHR, 4).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v1, a3);
                    FloatVector v2 = FloatVector.broadcast(S, x[c + 2]);
                    a0 = w0.lanewise(LSHR, 8).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v2, a0);
                    a1 = w1.lanewise(LSHR, 8).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v2, a1);
                    a2 = w2.lanewise(LSHR, 8).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v2, a2);
                    a3 = w3.lanewise(LSHR, 8).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v2, a3);
                    FloatVector v3 = FloatVector.broadcast(S, x[c + 3]);
                    a0 = w0.lanewise(LSHR, 12).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v3, a0);
                    a1 = w1.lanewise(LSHR, 12).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v3, a1);
                    a2 = w2.lanewise(LSHR, 12).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v3, a2);
                    a3 = w3.lanewise(LSHR, 12).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v3, a3);
                    FloatVector v4 = FloatVector.broadcast(S, x[c + 4]);
                    a0 = w0.lanewise(LSHR, 16).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v4, a0);
                    a1 = w1.lanewise(LSHR, 16).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v4, a1);
                    a2 = w2.lanewise(LSHR, 16).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v4, a2);
                    a3 = w3.lanewise(LSHR, 16).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v4, a3);
                    FloatVector v5 = FloatVector.broadcast(S, x[c + 5]);
                    a0 = w0.lanewise(LSHR, 20).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v5, a0);
                    a1 = w1.lanewise(LSHR, 20).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v5, a1);
                    a2 = w2.lanewise(LSHR, 20).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v5, a2);
                    a3 = w3.lanewise(LSHR, 20).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v5, a3);
                    FloatVector v6 = FloatVector.broadcast(S, x[c + 6]);
                    a0 = w0.lanewise(LSHR, 24).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v6, a0);
                    a1 = w1.lanewise(LSHR, 24).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v6, a1);
                    a2 = w2.lanewise(LSHR, 24).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v6, a2);
                    a3 = w3.lanewise(LSHR, 24).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v6, a3);
                    FloatVector v7 = FloatVector.broadcast(S, x[c + 7]);
                    a0 = w0.lanewise(LSHR, 28).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v7, a0);
                    a1 = w1.lanewise(LSHR, 28).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v7, a1);
                    a2 = w2.lanewise(LSHR, 28).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v7, a2);
                    a3 = w3.lanewise(LSHR, 28).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v7, a3);
                }
                FloatVector rest = FloatVector.broadcast(S, rests[b]);
                long at = top + (long) ((b >> 1) * run + words) * VECTOR;
                int up = 16 - 16 * (b & 1);
                y0 = IntVector.fromMemorySegment(I, w, o0 + at, LE).lanewise(LSHL, up).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().fma(a0.add(rest), y0);
                y1 = IntVector.fromMemorySegment(I, w, o1 + at, LE).lanewise(LSHL, up).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().fma(a1.add(rest), y1);
                y2 = IntVector.fromMemorySegment(I, w, o2 + at, LE).lanewise(LSHL, up).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().fma(a2.add(rest), y2);
                y3 = IntVector.fromMemorySegment(I, w, o3 + at, LE).lanewise(LSHL, up).lanewise(ASHR, 3).lanewise(AND, half).reinterpretAsFloats().fma(a3.add(rest), y3);
            }
            int to = yo + q * L;
            y0.mul(result).intoArray(y, to);
            y1.mul(result).intoArray(y, to + apart);
            y2.mul(result).intoArray(y, to + 2 * apart);
            y3.mul(result).intoArray(y, to + 3 * apart);
        }
    }

    /** Table values of 4-bit codes with bfloat16 scales; a word has 8. */
    public static void dotTable4BF16(Plane plane, long[] o, int blocks, int steps, float[] x, float[] rests, float result, float[] y, int yo, int apart, int[] table) {
        if (L < 16) {
            PackedTable.dot(plane, o, blocks, steps, x, rests, result, y, yo, apart, table);
            return;
        }
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        int run = plane.runWords();
        long rowBytes = (long) plane.rowWords(blocks) * VECTOR;
        IntVector low = IntVector.broadcast(I, 15);
        IntVector half = IntVector.broadcast(I, Masks.UPPER[0]);
        IntVector values = IntVector.fromArray(I, table, 0);
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
            for (int b = 0; b < blocks; b++) {
                int gaps = b + 1 >> 1;
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
                    FloatVector v0 = FloatVector.broadcast(S, x[c]);
                    a0 = w0.lanewise(LSHR, 0).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v0, a0);
                    a1 = w1.lanewise(LSHR, 0).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v0, a1);
                    a2 = w2.lanewise(LSHR, 0).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v0, a2);
                    a3 = w3.lanewise(LSHR, 0).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v0, a3);
                    FloatVector v1 = FloatVector.broadcast(S, x[c + 1]);
                    a0 = w0.lanewise(LSHR, 4).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v1, a0);
                    a1 = w1.lanewise(LSHR, 4).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v1, a1);
                    a2 = w2.lanewise(LSHR, 4).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v1, a2);
                    a3 = w3.lanewise(LSHR, 4).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v1, a3);
                    FloatVector v2 = FloatVector.broadcast(S, x[c + 2]);
                    a0 = w0.lanewise(LSHR, 8).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v2, a0);
                    a1 = w1.lanewise(LSHR, 8).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v2, a1);
                    a2 = w2.lanewise(LSHR, 8).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v2, a2);
                    a3 = w3.lanewise(LSHR, 8).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v2, a3);
                    FloatVector v3 = FloatVector.broadcast(S, x[c + 3]);
                    a0 = w0.lanewise(LSHR, 12).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v3, a0);
                    a1 = w1.lanewise(LSHR, 12).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v3, a1);
                    a2 = w2.lanewise(LSHR, 12).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v3, a2);
                    a3 = w3.lanewise(LSHR, 12).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v3, a3);
                    FloatVector v4 = FloatVector.broadcast(S, x[c + 4]);
                    a0 = w0.lanewise(LSHR, 16).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v4, a0);
                    a1 = w1.lanewise(LSHR, 16).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v4, a1);
                    a2 = w2.lanewise(LSHR, 16).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v4, a2);
                    a3 = w3.lanewise(LSHR, 16).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v4, a3);
                    FloatVector v5 = FloatVector.broadcast(S, x[c + 5]);
                    a0 = w0.lanewise(LSHR, 20).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v5, a0);
                    a1 = w1.lanewise(LSHR, 20).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v5, a1);
                    a2 = w2.lanewise(LSHR, 20).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v5, a2);
                    a3 = w3.lanewise(LSHR, 20).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v5, a3);
                    FloatVector v6 = FloatVector.broadcast(S, x[c + 6]);
                    a0 = w0.lanewise(LSHR, 24).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v6, a0);
                    a1 = w1.lanewise(LSHR, 24).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v6, a1);
                    a2 = w2.lanewise(LSHR, 24).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v6, a2);
                    a3 = w3.lanewise(LSHR, 24).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v6, a3);
                    FloatVector v7 = FloatVector.broadcast(S, x[c + 7]);
                    a0 = w0.lanewise(LSHR, 28).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v7, a0);
                    a1 = w1.lanewise(LSHR, 28).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v7, a1);
                    a2 = w2.lanewise(LSHR, 28).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v7, a2);
                    a3 = w3.lanewise(LSHR, 28).lanewise(AND, low).selectFrom(values).reinterpretAsFloats().fma(v7, a3);
                }
                FloatVector rest = FloatVector.broadcast(S, rests[b]);
                long at = top + (long) ((b >> 1) * run + words) * VECTOR;
                int up = 16 - 16 * (b & 1);
                y0 = IntVector.fromMemorySegment(I, w, o0 + at, LE).lanewise(LSHL, up).lanewise(AND, half).reinterpretAsFloats().fma(a0.add(rest), y0);
                y1 = IntVector.fromMemorySegment(I, w, o1 + at, LE).lanewise(LSHL, up).lanewise(AND, half).reinterpretAsFloats().fma(a1.add(rest), y1);
                y2 = IntVector.fromMemorySegment(I, w, o2 + at, LE).lanewise(LSHL, up).lanewise(AND, half).reinterpretAsFloats().fma(a2.add(rest), y2);
                y3 = IntVector.fromMemorySegment(I, w, o3 + at, LE).lanewise(LSHL, up).lanewise(AND, half).reinterpretAsFloats().fma(a3.add(rest), y3);
            }
            int to = yo + q * L;
            y0.mul(result).intoArray(y, to);
            y1.mul(result).intoArray(y, to + apart);
            y2.mul(result).intoArray(y, to + 2 * apart);
            y3.mul(result).intoArray(y, to + 3 * apart);
        }
    }

    /** Floats; a word is one. */
    public static void dotF32(Plane plane, long[] o, int blocks, int steps, float[] x, float result, float[] y, int yo, int apart) {
        MemorySegment w = plane.data();
        int words = plane.rowWords(blocks);
        long o0 = o[0];
        long o1 = o[1];
        long o2 = o[2];
        long o3 = o[3];
        for (int q = 0; q < steps; q++) {
            long top = (long) q * words * VECTOR;
            FloatVector y0 = FloatVector.zero(S);
            FloatVector y1 = FloatVector.zero(S);
            FloatVector y2 = FloatVector.zero(S);
            FloatVector y3 = FloatVector.zero(S);
            for (int j = 0; j < words; j++) {
                long at = top + (long) j * VECTOR;
                IntVector w0 = IntVector.fromMemorySegment(I, w, o0 + at, LE);
                IntVector w1 = IntVector.fromMemorySegment(I, w, o1 + at, LE);
                IntVector w2 = IntVector.fromMemorySegment(I, w, o2 + at, LE);
                IntVector w3 = IntVector.fromMemorySegment(I, w, o3 + at, LE);
                FloatVector v0 = FloatVector.broadcast(S, x[j]);
                y0 = w0.reinterpretAsFloats().fma(v0, y0);
                y1 = w1.reinterpretAsFloats().fma(v0, y1);
                y2 = w2.reinterpretAsFloats().fma(v0, y2);
                y3 = w3.reinterpretAsFloats().fma(v0, y3);
            }
            int to = yo + q * L;
            y0.mul(result).intoArray(y, to);
            y1.mul(result).intoArray(y, to + apart);
            y2.mul(result).intoArray(y, to + 2 * apart);
            y3.mul(result).intoArray(y, to + 3 * apart);
        }
    }

    /** Half-precision floats times 2^-112; a word has two. */
    public static void dotF16(Plane plane, long[] o, int blocks, int steps, float[] x, float result, float[] y, int yo, int apart) {
        MemorySegment w = plane.data();
        int words = plane.rowWords(blocks);
        IntVector mask = IntVector.broadcast(I, Masks.HALF[0]);
        long o0 = o[0];
        long o1 = o[1];
        long o2 = o[2];
        long o3 = o[3];
        for (int q = 0; q < steps; q++) {
            long top = (long) q * words * VECTOR;
            FloatVector y0 = FloatVector.zero(S);
            FloatVector y1 = FloatVector.zero(S);
            FloatVector y2 = FloatVector.zero(S);
            FloatVector y3 = FloatVector.zero(S);
            for (int j = 0; j < words; j++) {
                long at = top + (long) j * VECTOR;
                IntVector w0 = IntVector.fromMemorySegment(I, w, o0 + at, LE);
                IntVector w1 = IntVector.fromMemorySegment(I, w, o1 + at, LE);
                IntVector w2 = IntVector.fromMemorySegment(I, w, o2 + at, LE);
                IntVector w3 = IntVector.fromMemorySegment(I, w, o3 + at, LE);
                FloatVector v0 = FloatVector.broadcast(S, x[2 * j]);
                y0 = w0.lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, mask).reinterpretAsFloats().fma(v0, y0);
                y1 = w1.lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, mask).reinterpretAsFloats().fma(v0, y1);
                y2 = w2.lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, mask).reinterpretAsFloats().fma(v0, y2);
                y3 = w3.lanewise(LSHL, 16).lanewise(ASHR, 3).lanewise(AND, mask).reinterpretAsFloats().fma(v0, y3);
                FloatVector v1 = FloatVector.broadcast(S, x[2 * j + 1]);
                y0 = w0.lanewise(ASHR, 3).lanewise(AND, mask).reinterpretAsFloats().fma(v1, y0);
                y1 = w1.lanewise(ASHR, 3).lanewise(AND, mask).reinterpretAsFloats().fma(v1, y1);
                y2 = w2.lanewise(ASHR, 3).lanewise(AND, mask).reinterpretAsFloats().fma(v1, y2);
                y3 = w3.lanewise(ASHR, 3).lanewise(AND, mask).reinterpretAsFloats().fma(v1, y3);
            }
            int to = yo + q * L;
            y0.mul(result).intoArray(y, to);
            y1.mul(result).intoArray(y, to + apart);
            y2.mul(result).intoArray(y, to + 2 * apart);
            y3.mul(result).intoArray(y, to + 3 * apart);
        }
    }

    /** Bfloat16 numbers; a word has two. */
    public static void dotBF16(Plane plane, long[] o, int blocks, int steps, float[] x, float result, float[] y, int yo, int apart) {
        MemorySegment w = plane.data();
        int words = plane.rowWords(blocks);
        IntVector mask = IntVector.broadcast(I, Masks.UPPER[0]);
        long o0 = o[0];
        long o1 = o[1];
        long o2 = o[2];
        long o3 = o[3];
        for (int q = 0; q < steps; q++) {
            long top = (long) q * words * VECTOR;
            FloatVector y0 = FloatVector.zero(S);
            FloatVector y1 = FloatVector.zero(S);
            FloatVector y2 = FloatVector.zero(S);
            FloatVector y3 = FloatVector.zero(S);
            for (int j = 0; j < words; j++) {
                long at = top + (long) j * VECTOR;
                IntVector w0 = IntVector.fromMemorySegment(I, w, o0 + at, LE);
                IntVector w1 = IntVector.fromMemorySegment(I, w, o1 + at, LE);
                IntVector w2 = IntVector.fromMemorySegment(I, w, o2 + at, LE);
                IntVector w3 = IntVector.fromMemorySegment(I, w, o3 + at, LE);
                FloatVector v0 = FloatVector.broadcast(S, x[2 * j]);
                y0 = w0.lanewise(LSHL, 16).reinterpretAsFloats().fma(v0, y0);
                y1 = w1.lanewise(LSHL, 16).reinterpretAsFloats().fma(v0, y1);
                y2 = w2.lanewise(LSHL, 16).reinterpretAsFloats().fma(v0, y2);
                y3 = w3.lanewise(LSHL, 16).reinterpretAsFloats().fma(v0, y3);
                FloatVector v1 = FloatVector.broadcast(S, x[2 * j + 1]);
                y0 = w0.lanewise(AND, mask).reinterpretAsFloats().fma(v1, y0);
                y1 = w1.lanewise(AND, mask).reinterpretAsFloats().fma(v1, y1);
                y2 = w2.lanewise(AND, mask).reinterpretAsFloats().fma(v1, y2);
                y3 = w3.lanewise(AND, mask).reinterpretAsFloats().fma(v1, y3);
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
