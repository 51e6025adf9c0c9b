package dev.skald.kernels.encode;

import java.util.Arrays;

/** The search in plain Java, one stripe after the other. Points whose second half alone has too large an error are skipped. */
final class ScalarPoints extends PointSearch {
    private static final int LANES = PointStripes.LANES;

    @Override
    public void prepare(PointStripes g, float[] values) {
        int half = g.points.columns / 2;
        combine(g, 0, half, values, g.lowProducts, g.lowSquares);
        combine(g, half, half, values, g.highProducts, g.highSquares);
    }

    /** Adds one column at a time to the sums of the columns before it; the highest digit first, which leaves those in place. */
    private static void combine(
            PointStripes g, int from, int count, float[] values, float[] products, float[] squares) {
        Arrays.fill(products, 0, LANES, 0);
        Arrays.fill(squares, 0, LANES, 0);
        int size = LANES;
        for (int j = from; j < from + count; j++) {
            for (int k = values.length - 1; k >= 0; k--) {
                for (int i = 0; i < size; i++) {
                    int column = j * LANES + i % LANES;
                    float wv = g.w[column] * values[k];
                    products[k * size + i] = products[i] + wv * g.x[column];
                    squares[k * size + i] = squares[i] + wv * values[k];
                }
            }
            size *= values.length;
        }
    }

    @Override
    public void round(PointStripes g, float[] values) {
        for (int lane = 0; lane < LANES; lane++) {
            float scale = g.scale[lane];
            float sum = 0;
            float products = 0;
            float squares = 0;
            for (int i = lane; i < g.x.length; i += LANES) {
                float twice = g.x[i] + g.x[i];
                float least = Float.MAX_VALUE;
                float value = 0;
                for (float v : values) {
                    float y = v * scale;
                    float error = (y - twice) * y;
                    if (error < least) {
                        least = error;
                        value = v;
                    }
                }
                float wv = g.w[i] * value;
                sum += g.w[i] * least;
                products += wv * g.x[i];
                squares += wv * value;
            }
            g.error[lane] = sum;
            g.products[lane] = products;
            g.squares[lane] = squares;
        }
    }

    @Override
    void search(PointStripes g) {
        for (int lane = 0; lane < LANES; lane++) {
            float scale = g.scale[lane];
            float least = Float.MAX_VALUE;
            for (int i = lane; i < g.low.length; i += LANES) {
                float error = error(scale, g.lowProducts[i], g.lowSquares[i]);
                g.low[i] = error;
                least = Math.min(least, error);
            }
            float best = Float.MAX_VALUE;
            int point = 0;
            for (int h = 0; h < g.points.halves; h++) {
                float high = error(scale, g.highProducts[h * LANES + lane], g.highSquares[h * LANES + lane]);
                int end = high + least < best ? g.points.starts[h + 1] : 0;
                for (int p = g.points.starts[h]; p < end; p++) {
                    float error = high + g.low[g.points.lows[p] * LANES + lane];
                    if (error < best) {
                        best = error;
                        point = p;
                    }
                }
            }
            g.error[lane] = best;
            g.point[lane] = point;
        }
    }

    private static float error(float scale, float products, float squares) {
        return (squares * scale - (products + products)) * scale;
    }
}
