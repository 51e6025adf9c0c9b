package dev.skald.kernels.encode;

import dev.skald.kernels.platform.VectorKernels;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** The loops of encoding on vectors; {@link VectorSearch} explains their form. */
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
        // As ints, because the bits of positive floats have the order of their values, and a maximum of ints is
        // cheaper.
        IntVector most = IntVector.zero(I);
        for (int i = xo; i < xo + n; i += L) {
            most = at(x, i).abs().reinterpretAsInts().max(most);
        }
        float size = Float.intBitsToFloat(most.reduceLanes(VectorOperators.MAX));
        if (size == 0) {
            return 0;
        }
        int i = xo;
        while (true) {
            VectorMask<Float> there = at(x, i).abs().compare(VectorOperators.EQ, size);
            if (there.anyTrue()) {
                return x[i + there.firstTrue()];
            }
            i += L;
        }
    }

    @Override
    public float least(float[] x, int xo, int n) {
        IntVector least = IntVector.broadcast(I, Integer.MAX_VALUE);
        for (int i = xo; i < xo + n; i += L) {
            IntVector bits = at(x, i).reinterpretAsInts();
            least = bits.lanewise(VectorOperators.ASHR, 31)
                    .and(Integer.MAX_VALUE)
                    .lanewise(VectorOperators.XOR, bits)
                    .min(least);
        }
        return ofOrder(least.reduceLanes(VectorOperators.MIN));
    }

    @Override
    public float most(float[] x, int xo, int n) {
        IntVector most = IntVector.broadcast(I, Integer.MIN_VALUE);
        for (int i = xo; i < xo + n; i += L) {
            IntVector bits = at(x, i).reinterpretAsInts();
            most = bits.lanewise(VectorOperators.ASHR, 31)
                    .and(Integer.MAX_VALUE)
                    .lanewise(VectorOperators.XOR, bits)
                    .max(most);
        }
        return ofOrder(most.reduceLanes(VectorOperators.MAX));
    }

    /** The float of bits that have, as an int, the order of floats: those of a negative one but the sign are inverted. */
    private static float ofOrder(int bits) {
        return Float.intBitsToFloat(bits ^ bits >> 31 & Integer.MAX_VALUE);
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
