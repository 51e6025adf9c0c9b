package dev.skald.kernels.simd;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Multiplies the sums of {@link PackedDot} by the scales of packed matrices: a kernel for each
 * {@link dev.skald.kernels.Packing.Scaling}. {@code o} has the place of the scales of each of the four groups.
 */
public final class PackedScales {
    private static final int L = PackedDot.L;
    private static final int STREAMS = PackedDot.STREAMS;
    private static final VectorSpecies<Float> S = VectorKernels.S;
    private static final VectorSpecies<Integer> I = VectorKernels.I;
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final int VECTOR = 4 * L;
    private static final int ONE = 0x3F800000;
    private static final int HALF_MASK = 0x8FFFE000;

    private PackedScales() {}

    /** y[s] += acc[b][s]: plain floats. */
    public static void addUp(int blocks, float[] acc, float[] y) {
        for (int s = 0; s < STREAMS; s++) {
            FloatVector sum = FloatVector.fromArray(S, y, s * L);
            for (int b = 0; b < blocks; b++) {
                sum = sum.add(FloatVector.fromArray(S, acc, (b * 4 + s) * L));
            }
            sum.intoArray(y, s * L);
        }
    }

    /** y[s] += D[b] acc[b][s]: two half-precision scales a word; a block that has no partner has a zero there. */
    public static void scaleF16(MemorySegment w, long[] o, int blocks, float[] acc, float[] y) {
        IntVector mask = IntVector.broadcast(I, HALF_MASK);
        for (int s = 0; s < STREAMS; s++) {
            FloatVector sum = FloatVector.fromArray(S, y, s * L);
            long at = o[s];
            for (int b = 0; b < blocks; b += 2) {
                IntVector pair = IntVector.fromMemorySegment(I, w, at + (long) (b >> 1) * VECTOR, LE);
                FloatVector low = pair.lanewise(VectorOperators.LSHL, 16)
                        .lanewise(VectorOperators.ASHR, 3)
                        .lanewise(VectorOperators.AND, mask)
                        .reinterpretAsFloats();
                FloatVector high = pair.lanewise(VectorOperators.ASHR, 3)
                        .lanewise(VectorOperators.AND, mask)
                        .reinterpretAsFloats();
                sum = low.fma(FloatVector.fromArray(S, acc, (b * 4 + s) * L), sum);
                sum = high.fma(FloatVector.fromArray(S, acc, (b * 4 + 4 + s) * L), sum);
            }
            sum.intoArray(y, s * L);
        }
    }

    /** y[s] += D[b] acc[b][s] + M[b] x[b]: a half-precision scale and minimum a word; x[b] is the sum of activations. */
    public static void scaleF16Min(MemorySegment w, long[] o, int blocks, float[] acc, float[] x, int xo, float[] y) {
        IntVector mask = IntVector.broadcast(I, HALF_MASK);
        for (int s = 0; s < STREAMS; s++) {
            FloatVector sum = FloatVector.fromArray(S, y, s * L);
            long at = o[s];
            for (int b = 0; b < blocks; b++) {
                IntVector pair = IntVector.fromMemorySegment(I, w, at + (long) b * VECTOR, LE);
                FloatVector low = pair.lanewise(VectorOperators.LSHL, 16)
                        .lanewise(VectorOperators.ASHR, 3)
                        .lanewise(VectorOperators.AND, mask)
                        .reinterpretAsFloats();
                FloatVector high = pair.lanewise(VectorOperators.ASHR, 3)
                        .lanewise(VectorOperators.AND, mask)
                        .reinterpretAsFloats();
                sum = low.fma(FloatVector.fromArray(S, acc, (b * 4 + s) * L), sum);
                sum = high.fma(FloatVector.broadcast(S, x[xo + b]), sum);
            }
            sum.intoArray(y, s * L);
        }
    }

    /**
     * y[s] += d sum of (s[b] - 128) acc[b][s]: per 256 columns, {@code bytes} scales of a byte. A byte in the mantissa is
     * 1 + s / 256; 1.5 less and 256 times that is s - 128, without error.
     */
    public static void scaleSuper(MemorySegment w, long[] o, int supers, int bytes, int words, float[] acc, float[] y) {
        IntVector one = IntVector.broadcast(I, ONE);
        IntVector byteMask = IntVector.broadcast(I, 0x7F8000);
        FloatVector middle = FloatVector.broadcast(S, 1.5f);
        for (int s = 0; s < STREAMS; s++) {
            FloatVector sum = FloatVector.fromArray(S, y, s * L);
            for (int u = 0; u < supers; u++) {
                long at = o[s] + (long) u * words * VECTOR;
                FloatVector inner = FloatVector.zero(S);
                for (int j = 0; j < bytes; j += 4) {
                    IntVector four = IntVector.fromMemorySegment(I, w, at + (long) (1 + (j >> 2)) * VECTOR, LE);
                    int a = ((u * bytes + j) * 4 + s) * L;
                    for (int r = 0; r < 4; r++) {
                        inner = four.lanewise(VectorOperators.LSHL, 15)
                                .lanewise(VectorOperators.AND, byteMask)
                                .lanewise(VectorOperators.OR, one)
                                .reinterpretAsFloats()
                                .sub(middle)
                                .fma(FloatVector.fromArray(S, acc, a + 4 * L * r), inner);
                        four = four.lanewise(VectorOperators.LSHR, 8);
                    }
                }
                FloatVector d = IntVector.fromMemorySegment(I, w, at, LE)
                        .lanewise(VectorOperators.LSHL, 16)
                        .lanewise(VectorOperators.ASHR, 3)
                        .lanewise(VectorOperators.AND, IntVector.broadcast(I, HALF_MASK))
                        .reinterpretAsFloats();
                sum = d.mul(256f).fma(inner, sum);
            }
            sum.intoArray(y, s * L);
        }
    }

    /** y[s] -= dmin sum of (m[b] - 128) x[b]: the minima that go with {@link #scaleSuper}. */
    public static void minSuper(
            MemorySegment w, long[] o, int supers, int bytes, int words, float[] x, int xo, float[] y) {
        IntVector one = IntVector.broadcast(I, ONE);
        IntVector byteMask = IntVector.broadcast(I, 0x7F8000);
        FloatVector middle = FloatVector.broadcast(S, 1.5f);
        for (int s = 0; s < STREAMS; s++) {
            FloatVector sum = FloatVector.fromArray(S, y, s * L);
            for (int u = 0; u < supers; u++) {
                long at = o[s] + (long) u * words * VECTOR;
                FloatVector inner = FloatVector.zero(S);
                for (int j = 0; j < bytes; j += 4) {
                    IntVector four =
                            IntVector.fromMemorySegment(I, w, at + (long) (1 + (bytes >> 2) + (j >> 2)) * VECTOR, LE);
                    int a = xo + u * bytes + j;
                    for (int r = 0; r < 4; r++) {
                        inner = four.lanewise(VectorOperators.LSHL, 15)
                                .lanewise(VectorOperators.AND, byteMask)
                                .lanewise(VectorOperators.OR, one)
                                .reinterpretAsFloats()
                                .sub(middle)
                                .fma(FloatVector.broadcast(S, x[a + r]), inner);
                        four = four.lanewise(VectorOperators.LSHR, 8);
                    }
                }
                FloatVector dmin = IntVector.fromMemorySegment(I, w, at, LE)
                        .lanewise(VectorOperators.ASHR, 3)
                        .lanewise(VectorOperators.AND, IntVector.broadcast(I, HALF_MASK))
                        .reinterpretAsFloats();
                sum = dmin.mul(-256f).fma(inner, sum);
            }
            sum.intoArray(y, s * L);
        }
    }
}
