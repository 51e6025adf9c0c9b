package dev.skald.kernels.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** The loops of encoding on vectors; see {@link VectorSearch} for why they are written so. */
final class VectorEncode extends EncodeKernels {
    private static final VectorSpecies<Float> S = VectorKernels.S;
    private static final VectorSpecies<Integer> I = VectorKernels.I;
    private static final int L = S.length();
    private static final float ROUNDER = ScaleSearch.ROUNDER;
    private static final int ZERO = ScaleSearch.ROUNDED_ZERO;

    private static FloatVector at(float[] a, int i) {
        return FloatVector.fromArray(S, a, i);
    }

    @Override
    public float extreme(float[] x, int xo, int n) {
        FloatVector most = FloatVector.zero(S);
        FloatVector least = FloatVector.zero(S);
        for (int i = xo; i < xo + n; i += L) {
            FloatVector v = at(x, i);
            most = v.max(most);
            least = v.min(least);
        }
        float up = most.reduceLanes(VectorOperators.MAX);
        float down = least.reduceLanes(VectorOperators.MIN);
        if (up == 0 && down == 0) {
            return 0;
        }
        return up > -down ? up : up < -down ? down : firstOf(up, x, xo, n);
    }

    /** Which of up and -up stands first. */
    private static float firstOf(float up, float[] x, int xo, int n) {
        for (int i = xo; i < xo + n; i++) {
            if (Math.abs(x[i]) == up) {
                return x[i];
            }
        }
        throw new AssertionError("a number that is the largest is not there");
    }

    @Override
    public float least(float[] x, int xo, int n) {
        FloatVector least = at(x, xo);
        for (int i = xo + L; i < xo + n; i += L) {
            least = at(x, i).min(least);
        }
        return least.reduceLanes(VectorOperators.MIN);
    }

    @Override
    public float most(float[] x, int xo, int n) {
        FloatVector most = at(x, xo);
        for (int i = xo + L; i < xo + n; i += L) {
            most = at(x, i).max(most);
        }
        return most.reduceLanes(VectorOperators.MAX);
    }

    @Override
    public float squares(float[] x, int xo, int n) {
        float[] sums = new float[16];
        for (int k = 0; k < 16; k += L) {
            FloatVector sum = FloatVector.zero(S);
            for (int i = xo + k; i < xo + n; i += 16) {
                FloatVector v = at(x, i);
                sum = v.mul(v).add(sum);
            }
            sum.intoArray(sums, k);
        }
        return ScalarEncode.inOrder(sums);
    }

    @Override
    public void divide(float[] x, int xo, int n, float m, float d, int low, int high, int[] codes, int co) {
        for (int i = 0; i < n; i += L) {
            at(x, xo + i)
                    .add(m)
                    .div(d)
                    .add(ROUNDER)
                    .reinterpretAsInts()
                    .max(ZERO + low)
                    .min(ZERO + high)
                    .sub(ZERO + low)
                    .intoArray(codes, co + i);
        }
    }

    @Override
    public void multiply(float[] x, int xo, int n, float m, float f, int low, int high, int[] codes, int co) {
        for (int i = 0; i < n; i += L) {
            at(x, xo + i)
                    .add(m)
                    .mul(f)
                    .add(ROUNDER)
                    .reinterpretAsInts()
                    .max(ZERO + low)
                    .min(ZERO + high)
                    .sub(ZERO + low)
                    .intoArray(codes, co + i);
        }
    }

    @Override
    public void truncate(float[] x, int xo, int n, float m, float f, float bias, int high, int[] codes, int co) {
        for (int i = 0; i < n; i += L) {
            FloatVector v = at(x, xo + i).sub(m).mul(f).add(bias);
            toInt(v).min(high).intoArray(codes, co + i);
        }
    }

    @Override
    public void roundAway(float[] x, int xo, int n, float f, int[] codes, int co) {
        IntVector sign = IntVector.broadcast(I, Integer.MIN_VALUE);
        for (int i = 0; i < n; i += L) {
            FloatVector v = at(x, xo + i).mul(f);
            FloatVector half = v.reinterpretAsInts()
                    .and(sign)
                    .or(Float.floatToRawIntBits(0.5f))
                    .reinterpretAsFloats();
            FloatVector even = v.add(ROUNDER).sub(ROUNDER);
            VectorMask<Float> toZero = v.sub(even).compare(VectorOperators.EQ, half);
            even.add(half.add(half), toZero)
                    .add(ROUNDER)
                    .reinterpretAsInts()
                    .sub(ZERO)
                    .intoArray(codes, co + i);
        }
    }

    private static IntVector toInt(FloatVector v) {
        return (IntVector) v.convert(VectorOperators.F2I, 0);
    }

    @Override
    public void reach(float[] x, int xo, int n, float f, float[] borders, int[] codes, int co) {
        for (int i = 0; i < n; i += L) {
            FloatVector v = at(x, xo + i).mul(f);
            IntVector one = IntVector.broadcast(I, 1);
            IntVector code = IntVector.zero(I);
            for (float border : borders) {
                VectorMask<Integer> reached =
                        v.compare(VectorOperators.GE, border).cast(I);
                code = one.blend(0, reached.not()).add(code);
            }
            code.intoArray(codes, co + i);
        }
    }

    @Override
    public void reachBySize(float[] x, int xo, int n, float d, float[] borders, int[] codes, int co) {
        for (int i = 0; i < n; i += L) {
            FloatVector v = at(x, xo + i);
            FloatVector size = v.abs();
            IntVector one = IntVector.broadcast(I, 1);
            IntVector code = IntVector.zero(I);
            for (float border : borders) {
                float reach = d > 0 ? border * d : Float.MAX_VALUE;
                code = one.blend(0, size.compare(VectorOperators.LE, reach).cast(I))
                        .add(code);
            }
            VectorMask<Integer> negative = v.compare(VectorOperators.LT, 0).cast(I);
            code.add(8, negative.and(code.compare(VectorOperators.GT, 0))).intoArray(codes, co + i);
        }
    }
}
