package dev.skald.bench;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The loops on vectors of the preferred width. Each number of streams or chains has a flat loop, because C2 compiles those
 * well.
 */
final class VectorLimitKernels extends LimitKernels {
    private static final VectorSpecies<Long> LONGS = LongVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    private static final int L = LONGS.length();

    @Override
    long sum(long[] a, int streams) {
        return switch (streams) {
            case 1 -> sum1(a);
            case 4 -> sum4(a);
            default -> sum8(a);
        };
    }

    private static LongVector at(long[] a, int i) {
        return LongVector.fromArray(LONGS, a, i);
    }

    private static long sum1(long[] a) {
        LongVector s0 = LongVector.zero(LONGS);
        LongVector s1 = s0;
        LongVector s2 = s0;
        LongVector s3 = s0;
        for (int i = 0; i < a.length; i += 4 * L) {
            s0 = s0.add(at(a, i));
            s1 = s1.add(at(a, i + L));
            s2 = s2.add(at(a, i + 2 * L));
            s3 = s3.add(at(a, i + 3 * L));
        }
        return total(s0, s1, s2, s3);
    }

    private static long sum4(long[] a) {
        int d = a.length / 4;
        LongVector s0 = LongVector.zero(LONGS);
        LongVector s1 = s0;
        LongVector s2 = s0;
        LongVector s3 = s0;
        for (int i = 0; i < d; i += L) {
            s0 = s0.add(at(a, i));
            s1 = s1.add(at(a, i + d));
            s2 = s2.add(at(a, i + 2 * d));
            s3 = s3.add(at(a, i + 3 * d));
        }
        return total(s0, s1, s2, s3);
    }

    private static long sum8(long[] a) {
        int d = a.length / 8;
        LongVector s0 = LongVector.zero(LONGS);
        LongVector s1 = s0;
        LongVector s2 = s0;
        LongVector s3 = s0;
        for (int i = 0; i < d; i += L) {
            s0 = s0.add(at(a, i)).add(at(a, i + 4 * d));
            s1 = s1.add(at(a, i + d)).add(at(a, i + 5 * d));
            s2 = s2.add(at(a, i + 2 * d)).add(at(a, i + 6 * d));
            s3 = s3.add(at(a, i + 3 * d)).add(at(a, i + 7 * d));
        }
        return total(s0, s1, s2, s3);
    }

    private static long total(LongVector s0, LongVector s1, LongVector s2, LongVector s3) {
        return s0.add(s1).add(s2.add(s3)).reduceLanes(VectorOperators.ADD);
    }

    @Override
    int lanes() {
        return FLOATS.length();
    }

    /** 12 fit into 16 registers beside the factors; a machine with four FMA units and 32 registers needs more. */
    @Override
    int[] chains() {
        return new int[] {12, 24};
    }

    @Override
    double advance(int chains, int steps) {
        return chains == 12 ? advance12(steps) : advance24(steps);
    }

    private static double advance12(int steps) {
        FloatVector f = FloatVector.broadcast(FLOATS, FACTOR);
        FloatVector a = FloatVector.broadcast(FLOATS, ADDEND);
        FloatVector x0 = FloatVector.zero(FLOATS);
        FloatVector x1 = x0;
        FloatVector x2 = x0;
        FloatVector x3 = x0;
        FloatVector x4 = x0;
        FloatVector x5 = x0;
        FloatVector x6 = x0;
        FloatVector x7 = x0;
        FloatVector x8 = x0;
        FloatVector x9 = x0;
        FloatVector x10 = x0;
        FloatVector x11 = x0;
        for (int i = 0; i < steps; i++) {
            x0 = x0.fma(f, a);
            x1 = x1.fma(f, a);
            x2 = x2.fma(f, a);
            x3 = x3.fma(f, a);
            x4 = x4.fma(f, a);
            x5 = x5.fma(f, a);
            x6 = x6.fma(f, a);
            x7 = x7.fma(f, a);
            x8 = x8.fma(f, a);
            x9 = x9.fma(f, a);
            x10 = x10.fma(f, a);
            x11 = x11.fma(f, a);
        }
        FloatVector s0 = x0.add(x1).add(x2).add(x3).add(x4).add(x5);
        return s0.add(x6).add(x7).add(x8).add(x9).add(x10).add(x11).reduceLanes(VectorOperators.ADD);
    }

    private static double advance24(int steps) {
        FloatVector f = FloatVector.broadcast(FLOATS, FACTOR);
        FloatVector a = FloatVector.broadcast(FLOATS, ADDEND);
        FloatVector x0 = FloatVector.zero(FLOATS);
        FloatVector x1 = x0;
        FloatVector x2 = x0;
        FloatVector x3 = x0;
        FloatVector x4 = x0;
        FloatVector x5 = x0;
        FloatVector x6 = x0;
        FloatVector x7 = x0;
        FloatVector x8 = x0;
        FloatVector x9 = x0;
        FloatVector x10 = x0;
        FloatVector x11 = x0;
        FloatVector x12 = x0;
        FloatVector x13 = x0;
        FloatVector x14 = x0;
        FloatVector x15 = x0;
        FloatVector x16 = x0;
        FloatVector x17 = x0;
        FloatVector x18 = x0;
        FloatVector x19 = x0;
        FloatVector x20 = x0;
        FloatVector x21 = x0;
        FloatVector x22 = x0;
        FloatVector x23 = x0;
        for (int i = 0; i < steps; i++) {
            x0 = x0.fma(f, a);
            x1 = x1.fma(f, a);
            x2 = x2.fma(f, a);
            x3 = x3.fma(f, a);
            x4 = x4.fma(f, a);
            x5 = x5.fma(f, a);
            x6 = x6.fma(f, a);
            x7 = x7.fma(f, a);
            x8 = x8.fma(f, a);
            x9 = x9.fma(f, a);
            x10 = x10.fma(f, a);
            x11 = x11.fma(f, a);
            x12 = x12.fma(f, a);
            x13 = x13.fma(f, a);
            x14 = x14.fma(f, a);
            x15 = x15.fma(f, a);
            x16 = x16.fma(f, a);
            x17 = x17.fma(f, a);
            x18 = x18.fma(f, a);
            x19 = x19.fma(f, a);
            x20 = x20.fma(f, a);
            x21 = x21.fma(f, a);
            x22 = x22.fma(f, a);
            x23 = x23.fma(f, a);
        }
        FloatVector s0 = x0.add(x1).add(x2).add(x3).add(x4).add(x5);
        FloatVector s1 = x6.add(x7).add(x8).add(x9).add(x10).add(x11);
        FloatVector s2 = x12.add(x13).add(x14).add(x15).add(x16).add(x17);
        FloatVector s3 = x18.add(x19).add(x20).add(x21).add(x22).add(x23);
        return s0.add(s1).add(s2.add(s3)).reduceLanes(VectorOperators.ADD);
    }
}
