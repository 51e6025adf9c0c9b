package dev.skald.kernels.encode;

import dev.skald.kernels.platform.Kernels;
import java.util.Arrays;

/**
 * Finds the scale, and the minimum if a format has one, with which a stripe of columns is rounded best; for sixteen {@link
 * Stripes} at once, in plain Java or on vectors, with the same result to the last bit.
 *
 * <p>The error is the sum over a stripe's columns of w (decoded - x)^2. For given codes l, the best scale is the quotient of
 * two sums, s = sum(w x l) / sum(w l l), and the error is sum(w x x) - sum(w x l)^2 / sum(w l l). So a search only tries codes,
 * and the best are those with the largest quotient. Codes come from rounding x times a factor that is a little above or below
 * the obvious one, which maps the largest column to the last code. The candidates and their order are those of ggml ({@code
 * make_qx_quants}, {@code make_q3_quants}, {@code make_qkx2_quants} and {@code make_qkx3_quants}, {@code make_qp_quants} and
 * {@code quantize_row_iq4_nl_impl} in ggml-quants.c), so the quality is the same.
 *
 * <p>To round, the search adds 1.5 2^23, so that the processor rounds to an integer, halves to even. The bits of the sum, as an
 * int, are that integer plus a constant, and are clamped as ints.
 */
public abstract class ScaleSearch {
    /** The search for this JVM, chosen together with {@link Kernels#BEST}. */
    public static final ScaleSearch BEST = Kernels.BEST.packs() ? new VectorSearch() : new ScalarSearch();

    /** The number whose addition rounds a float to an integer. */
    static final float ROUNDER = 0x1.8p23f;

    /** Its bits. */
    static final int ROUNDED_ZERO = Float.floatToRawIntBits(ROUNDER);

    /** If the largest number of a stripe is smaller than this, the stripe counts as zeros. */
    static final float NOTHING = 1e-15f;

    /** For the two implementations in this package. */
    ScaleSearch() {}

    /** w = x x. */
    public abstract void weighBySquare(Stripes g);

    /** w = |x|, plus the root of the stripe's mean square if that is wanted. */
    public abstract void weighByMagnitude(Stripes g, boolean plusRoot);

    /** w = importance; w = 1 in a stripe without importance. */
    public abstract void weighByImportance(Stripes g);

    /** w = importance sqrt({@link Stripes#sigma} + x x), with importance 1 in a stripe without any; also sets their sums. */
    public abstract void weighByImportanceAndSize(Stripes g);

    /**
     * Codes from -max to max - 1 times a scale, which may be negative: the column with the largest magnitude gets a code near
     * -max. Sets {@link Stripes#scale} (0 for a stripe of zeros) and the codes, which are in {@link Stripes#found}.
     */
    public abstract void symmetric(Stripes g, int max);

    /**
     * The same for few codes. Starting from the obvious codes, it changes one column's code at a time to the one that fits best
     * with the others, as long as that helps and at most five times around. Sets what {@link #symmetric} sets.
     */
    public abstract void descent(Stripes g, int max);

    /**
     * Codes from 0 to max times a scale, minus a minimum that is not negative. For the codes of each candidate, both follow by
     * linear regression; the next candidate starts from the best minimum so far. Sets {@link Stripes#scale}, {@link
     * Stripes#min}, {@link Stripes#inverse} and {@link Stripes#offset}.
     *
     * @param first the last code of the first candidate, minus max
     * @param step added to it for each further candidate
     * @param steps how many further candidates
     * @param absolute whether the error counts by magnitude instead of by square
     */
    public abstract void affine(Stripes g, int max, float first, float step, int steps, boolean absolute);

    /**
     * Codes for sixteen ascending values times a scale, which may be negative. Sets {@link Stripes#scale} (0 for a stripe of
     * zeros).
     *
     * @param values the first has the largest magnitude
     * @param tries candidates to each side of the obvious one, a value's unit apart
     */
    public abstract void table(Stripes g, float[] values, int tries);

    /** The midpoints between neighbours: the code of a number is how many of them it reaches. */
    public static float[] borders(float[] values) {
        float[] borders = new float[values.length - 1];
        for (int i = 0; i < borders.length; i++) {
            borders[i] = (values[i] + values[i + 1]) / 2;
        }
        return borders;
    }

    /** The t-th candidate of {@link #symmetric}: 0, then -9 to -1, then 1 to 9 tenths beyond the last code. */
    static int shift(int t) {
        return t == 0 ? 0 : t < 10 ? t - 10 : t - 9;
    }

    /** Returns the nearest integer, halves to even, for |v| below 2^22. */
    public static int round(float v) {
        return Float.floatToRawIntBits(v + ROUNDER) - ROUNDED_ZERO;
    }

    /**
     * Rounds the scales or minima of a super-block to codes from 0 to max times a scale of their own: first with the best of
     * nine factors, then one code at a time as in {@link #descent}.
     *
     * @param x n numbers from {@code xo} on, not negative
     * @param w the weight of each squared error, from {@code xo} on
     * @param codes receives n codes from 0 on
     * @return the scale
     */
    public static float nested(int n, int max, float[] x, int xo, float[] w, int[] codes) {
        float most = 0;
        for (int i = 0; i < n; i++) {
            most = Math.max(most, x[xo + i]);
        }
        if (most < NOTHING) {
            Arrays.fill(codes, 0, n, 0);
            return 0;
        }
        float best = max / most;
        float least = nestedError(n, max, x, xo, w, best);
        for (int t = -4; t <= 4; t++) {
            float inverse = (0.1f * t + max) / most;
            float error = t == 0 ? Float.MAX_VALUE : nestedError(n, max, x, xo, w, inverse);
            if (error < least) {
                least = error;
                best = inverse;
            }
        }
        float xl = 0;
        float ll = 0;
        for (int i = 0; i < n; i++) {
            int l = Math.min(max, round(best * x[xo + i]));
            codes[i] = l;
            xl += w[xo + i] * x[xo + i] * l;
            ll += w[xo + i] * l * l;
        }
        boolean changed = true;
        for (int t = 0; t < 5 && changed; t++) {
            changed = false;
            for (int i = 0; i < n; i++) {
                float wi = w[xo + i];
                float xi = x[xo + i];
                float xlRest = xl - wi * xi * codes[i];
                float llRest = ll - wi * codes[i] * codes[i];
                if (!(xlRest > 0 && llRest > 0)) {
                    continue;
                }
                int l = Math.min(max, round(Math.min(max, xi * llRest / xlRest)));
                float xlNew = xlRest + wi * xi * l;
                float llNew = llRest + wi * l * l;
                if (l != codes[i] && xlNew * xlNew * ll > xl * xl * llNew) {
                    codes[i] = l;
                    xl = xlNew;
                    ll = llNew;
                    changed = true;
                }
            }
        }
        return ll > 0 ? xl / ll : 0;
    }

    /**
     * Rounds the scales of a super-block, of either sign, to codes from -max to max - 1 times a scale of their own, as {@link
     * #symmetric} does with columns.
     *
     * @param codes receives n codes plus max, from 0 on
     * @return the scale
     */
    public static float nestedSigned(int n, int max, float[] x, int xo, float[] w, int[] codes) {
        float[] scale = new float[1];
        float inverse = ScalarSearch.symmetric(x, w, xo, xo + n, 1, max, scale, 0);
        for (int i = 0; i < n; i++) {
            codes[i] = Math.max(-max, Math.min(max - 1, round(inverse * x[xo + i]))) + max;
        }
        return scale[0];
    }

    private static float nestedError(int n, int max, float[] x, int xo, float[] w, float inverse) {
        float scale = 1 / inverse;
        float error = 0;
        for (int i = 0; i < n; i++) {
            float miss = x[xo + i] - scale * Math.min(max, round(inverse * x[xo + i]));
            error += w[xo + i] * miss * miss;
        }
        return error;
    }
}
