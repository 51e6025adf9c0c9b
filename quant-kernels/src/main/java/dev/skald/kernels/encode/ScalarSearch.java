package dev.skald.kernels.encode;

import java.util.Arrays;

/** The search in plain Java, one stripe after the other. */
final class ScalarSearch extends ScaleSearch {
    private static final int LANES = Stripes.LANES;

    /** Returns the code nearest to v, as a float; if v is out of range, the nearest code in range. */
    private static float code(float v, int low, int high) {
        int bits = Float.floatToRawIntBits(v + ROUNDER);
        return Float.intBitsToFloat(Math.min(high, Math.max(low, bits))) - ROUNDER;
    }

    @Override
    public void weighBySquare(Stripes g) {
        for (int i = 0; i < g.size * LANES; i++) {
            g.w[i] = g.x[i] * g.x[i];
        }
    }

    @Override
    public void weighByMagnitude(Stripes g, boolean plusRoot) {
        for (int lane = 0; lane < LANES; lane++) {
            int end = g.size * LANES + lane;
            float root = 0;
            if (plusRoot) {
                float sum = 0;
                for (int i = lane; i < end; i += LANES) {
                    sum += g.x[i] * g.x[i];
                }
                root = (float) Math.sqrt(sum / g.size);
            }
            for (int i = lane; i < end; i += LANES) {
                g.w[i] = root + Math.abs(g.x[i]);
            }
        }
    }

    @Override
    public void weighByImportanceAndSize(Stripes g) {
        for (int lane = 0; lane < LANES; lane++) {
            int end = g.size * LANES + lane;
            float all = all(g, lane, end);
            float sum = 0;
            for (int i = lane; i < end; i += LANES) {
                float q = all > 0 ? g.q[i] : 1;
                g.w[i] = q * (float) Math.sqrt(g.sigma[lane] + g.x[i] * g.x[i]);
                sum += g.w[i];
            }
            g.sum[lane] = sum;
        }
    }

    @Override
    public void weighByImportance(Stripes g) {
        for (int lane = 0; lane < LANES; lane++) {
            int end = g.size * LANES + lane;
            float all = all(g, lane, end);
            for (int i = lane; i < end; i += LANES) {
                g.w[i] = all > 0 ? g.q[i] : 1;
            }
        }
    }

    private static float all(Stripes g, int lane, int end) {
        float all = 0;
        for (int i = lane; i < end; i += LANES) {
            all += g.q[i];
        }
        return all;
    }

    /** Returns the first of the numbers with the largest magnitude. */
    private static float extreme(float[] x, int from, int end, int step) {
        float most = 0;
        float value = 0;
        for (int i = from; i < end; i += step) {
            if (Math.abs(x[i]) > most) {
                most = Math.abs(x[i]);
                value = x[i];
            }
        }
        return value;
    }

    @Override
    public void symmetric(Stripes g, int max) {
        for (int lane = 0; lane < LANES; lane++) {
            int end = g.size * LANES + lane;
            float inverse = symmetric(g.x, g.w, lane, end, LANES, max, g.scale, lane);
            for (int i = lane; i < end; i += LANES) {
                g.work[i] = code(inverse * g.x[i], ROUNDED_ZERO - max, ROUNDED_ZERO + max - 1);
            }
        }
    }

    /**
     * Searches one stripe: the numbers x[from], x[from + step], ... before x[end].
     *
     * @param scale receives its scale at {@code to}
     * @return the factor on a number before it is rounded to its code
     */
    static float symmetric(float[] x, float[] w, int from, int end, int step, int max, float[] scale, int to) {
        int low = ROUNDED_ZERO - max;
        int high = ROUNDED_ZERO + max - 1;
        float extreme = extreme(x, from, end, step);
        scale[to] = 0;
        if (Math.abs(extreme) < NOTHING) {
            return 0;
        }
        float best = -1;
        float bestInverse = -max / extreme;
        for (int t = 0; t < 19; t++) {
            float inverse = -(max + 0.1f * shift(t)) / extreme;
            float xl = 0;
            float ll = 0;
            for (int i = from; i < end; i += step) {
                float l = code(inverse * x[i], low, high);
                xl += w[i] * x[i] * l;
                ll += w[i] * l * l;
            }
            if (ll > 0 && xl * xl > best * ll) {
                scale[to] = xl / ll;
                bestInverse = inverse;
                best = scale[to] * xl;
            }
        }
        return bestInverse;
    }

    @Override
    public void descent(Stripes g, int max) {
        for (int lane = 0; lane < LANES; lane++) {
            descent(g, max, lane);
        }
    }

    private static void descent(Stripes g, int max, int lane) {
        float[] x = g.x;
        float[] w = g.w;
        float[] codes = g.work;
        int end = g.size * LANES + lane;
        int low = ROUNDED_ZERO - max;
        int high = ROUNDED_ZERO + max - 1;
        float extreme = extreme(x, lane, end, LANES);
        g.scale[lane] = 0;
        if (Math.abs(extreme) < NOTHING) {
            return;
        }
        float inverse = -max / extreme;
        float xl = 0;
        float ll = 0;
        for (int i = lane; i < end; i += LANES) {
            codes[i] = code(inverse * x[i], low, high);
            xl += w[i] * x[i] * codes[i];
            ll += w[i] * codes[i] * codes[i];
        }
        boolean changed = true;
        for (int t = 0; t < 5 && changed; t++) {
            changed = false;
            for (int i = lane; i < end; i += LANES) {
                float wx = w[i] * x[i];
                float xlRest = xl - wx * codes[i];
                float llRest = ll - w[i] * codes[i] * codes[i];
                float l = code(x[i] * llRest / xlRest, low, high);
                float xlNew = xlRest + wx * l;
                float llNew = llRest + w[i] * l * l;
                if (xlRest > 0 && l != codes[i] && llNew > 0 && xlNew * xlNew * ll > xl * xl * llNew) {
                    codes[i] = l;
                    xl = xlNew;
                    ll = llNew;
                    changed = true;
                }
            }
        }
        g.scale[lane] = ll > 0 ? xl / ll : 0;
    }

    @Override
    public void affine(Stripes g, int max, float first, float step, int steps, boolean absolute) {
        for (int lane = 0; lane < LANES; lane++) {
            affine(g, max, first, step, steps, absolute, lane);
        }
    }

    private static void affine(Stripes g, int max, float first, float step, int steps, boolean absolute, int lane) {
        float[] x = g.x;
        float[] w = g.w;
        float[] codes = g.work;
        int end = g.size * LANES + lane;
        int high = ROUNDED_ZERO + max;
        float least = x[lane];
        float most = x[lane];
        float sumW = w[lane];
        float sumX = sumW * x[lane];
        for (int i = lane + LANES; i < end; i += LANES) {
            least = x[i] < least ? x[i] : least;
            most = x[i] > most ? x[i] : most;
            sumW += w[i];
            sumX += w[i] * x[i];
        }
        float min = least > 0 ? 0 : least;
        float scale = 0;
        float bestInverse = 0;
        float bestOffset = -min;
        if (most > min) {
            float inverse = max / (most - min);
            scale = 1 / inverse;
            bestInverse = inverse;
            float error = 0;
            for (int i = lane; i < end; i += LANES) {
                float l = code(inverse * (x[i] - min), ROUNDED_ZERO, high);
                float miss = scale * l + min - x[i];
                error += w[i] * (absolute ? Math.abs(miss) : miss * miss);
            }
            for (int t = 0; t <= steps; t++) {
                inverse = (first + step * t + max) / (most - min);
                float sumL = 0;
                float sumLL = 0;
                float sumXL = 0;
                for (int i = lane; i < end; i += LANES) {
                    float l = code(inverse * (x[i] - min), ROUNDED_ZERO, high);
                    codes[i] = l;
                    float wl = w[i] * l;
                    sumL += wl;
                    sumLL += wl * l;
                    sumXL += wl * x[i];
                }
                float determinant = sumW * sumLL - sumL * sumL;
                if (!(determinant > 0)) {
                    continue;
                }
                float newScale = (sumW * sumXL - sumX * sumL) / determinant;
                float newMin = (sumLL * sumX - sumL * sumXL) / determinant;
                if (newMin > 0) {
                    newMin = 0;
                    newScale = sumXL / sumLL;
                }
                float newError = 0;
                for (int i = lane; i < end; i += LANES) {
                    float miss = newScale * codes[i] + newMin - x[i];
                    newError += w[i] * (absolute ? Math.abs(miss) : miss * miss);
                }
                if (newError < error) {
                    error = newError;
                    bestInverse = inverse;
                    bestOffset = -min;
                    scale = newScale;
                    min = newMin;
                }
            }
        }
        g.scale[lane] = scale;
        g.min[lane] = -min;
        g.inverse[lane] = bestInverse;
        g.offset[lane] = bestOffset;
    }

    @Override
    public void table(Stripes g, float[] values, int tries) {
        float[] borders = borders(values);
        for (int lane = 0; lane < LANES; lane++) {
            table(g, values, borders, tries, lane);
        }
    }

    private static void table(Stripes g, float[] values, float[] borders, int tries, int lane) {
        float[] x = g.x;
        float[] w = g.w;
        int end = g.size * LANES + lane;
        float extreme = extreme(x, lane, end, LANES);
        g.scale[lane] = 0;
        if (Math.abs(extreme) < NOTHING) {
            return;
        }
        float best = -1;
        for (int t = -tries - 1; t <= tries; t++) {
            boolean obvious = t < -tries;
            float inverse = obvious ? 1 / (-extreme / values[0]) : (t + values[0]) / extreme;
            float xl = 0;
            float ll = 0;
            for (int i = lane; i < end; i += LANES) {
                float l = values[index(borders, inverse * x[i])];
                xl += w[i] * l * x[i];
                ll += w[i] * l * l;
            }
            if (ll > 0 && xl * xl > best * ll) {
                g.scale[lane] = xl / ll;
                best = g.scale[lane] * xl;
            }
        }
    }

    private static int index(float[] borders, float v) {
        int at = Arrays.binarySearch(borders, v);
        return at >= 0 ? at + 1 : -at - 1;
    }
}
