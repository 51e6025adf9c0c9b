package dev.skald.kernels.encode;

import dev.skald.kernels.platform.VectorKernels;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/** The search on the Vector API, all stripes together. */
final class VectorPoints extends PointSearch {
    private static final VectorSpecies<Float> S = VectorKernels.S;
    private static final VectorSpecies<Integer> I = VectorKernels.I;
    private static final int L = S.length();
    private static final int LANES = PointStripes.LANES;

    @Override
    public void prepare(PointStripes g, float[] values) {
        int half = g.points.columns / 2;
        combine(g, 0, half, values, g.lowProducts, g.lowSquares);
        combine(g, half, half, values, g.highProducts, g.highSquares);
    }

    /** As {@link ScalarPoints} does. */
    private static void combine(
            PointStripes g, int from, int count, float[] values, float[] products, float[] squares) {
        Arrays.fill(products, 0, LANES, 0);
        Arrays.fill(squares, 0, LANES, 0);
        int size = LANES;
        for (int j = from; j < from + count; j++) {
            for (int k = values.length - 1; k >= 0; k--) {
                for (int part = 0; part < LANES; part += L) {
                    FloatVector wv =
                            FloatVector.fromArray(S, g.w, j * LANES + part).mul(values[k]);
                    FloatVector product = wv.mul(FloatVector.fromArray(S, g.x, j * LANES + part));
                    FloatVector square = wv.mul(values[k]);
                    for (int i = part; i < size; i += LANES) {
                        FloatVector.fromArray(S, products, i).add(product).intoArray(products, k * size + i);
                        FloatVector.fromArray(S, squares, i).add(square).intoArray(squares, k * size + i);
                    }
                }
            }
            size *= values.length;
        }
    }

    @Override
    public void round(PointStripes g, float[] values) {
        for (int part = 0; part < LANES; part += L) {
            FloatVector scale = FloatVector.fromArray(S, g.scale, part);
            FloatVector sum = FloatVector.zero(S);
            FloatVector products = FloatVector.zero(S);
            FloatVector squares = FloatVector.zero(S);
            for (int i = part; i < g.x.length; i += LANES) {
                FloatVector x = FloatVector.fromArray(S, g.x, i);
                FloatVector w = FloatVector.fromArray(S, g.w, i);
                FloatVector twice = x.add(x);
                FloatVector least = FloatVector.broadcast(S, Float.MAX_VALUE);
                FloatVector value = FloatVector.zero(S);
                for (float v : values) {
                    FloatVector y = scale.mul(v);
                    FloatVector error = y.sub(twice).mul(y);
                    VectorMask<Float> less = error.lt(least);
                    least = least.blend(error, less);
                    value = value.blend(v, less);
                }
                FloatVector wv = w.mul(value);
                sum = sum.add(w.mul(least));
                products = products.add(wv.mul(x));
                squares = squares.add(wv.mul(value));
            }
            sum.intoArray(g.error, part);
            products.intoArray(g.products, part);
            squares.intoArray(g.squares, part);
        }
    }

    @Override
    void search(PointStripes g) {
        for (int part = 0; part < LANES; part += L) {
            FloatVector scale = FloatVector.fromArray(S, g.scale, part);
            for (int i = part; i < g.low.length; i += LANES) {
                FloatVector products = FloatVector.fromArray(S, g.lowProducts, i);
                FloatVector squares = FloatVector.fromArray(S, g.lowSquares, i);
                squares.mul(scale).sub(products.add(products)).mul(scale).intoArray(g.low, i);
            }
            FloatVector best = FloatVector.broadcast(S, Float.MAX_VALUE);
            IntVector point = IntVector.zero(I);
            int[] lows = g.points.lows;
            for (int h = 0, p = 0; h < g.points.halves; h++) {
                FloatVector products = FloatVector.fromArray(S, g.highProducts, h * LANES + part);
                FloatVector squares = FloatVector.fromArray(S, g.highSquares, h * LANES + part);
                FloatVector high =
                        squares.mul(scale).sub(products.add(products)).mul(scale);
                for (int end = g.points.starts[h + 1]; p < end; p++) {
                    FloatVector error = high.add(FloatVector.fromArray(S, g.low, lows[p] * LANES + part));
                    VectorMask<Float> less = error.lt(best);
                    best = best.blend(error, less);
                    point = point.blend(p, less.cast(I));
                }
            }
            best.intoArray(g.error, part);
            point.intoArray(g.point, part);
        }
    }
}
