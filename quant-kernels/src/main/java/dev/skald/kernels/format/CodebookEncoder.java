package dev.skald.kernels.format;

import dev.skald.kernels.encode.PointSearch;
import dev.skald.kernels.encode.PointStripes;
import java.util.Arrays;

/**
 * Chooses the points and the scales of blocks of 256 columns whose weights are d (2 s + 1) (unit v + delta), for one
 * thread: values v from a codebook, delta 0, or positive or negative of one size, and s from 0 on.
 *
 * <p>The error is the sum of w (x - y)². A scale of its own is searched for each s, among some that the largest
 * magnitude suggests; the largest of them makes d, and each s is what comes nearest to its own. Points are then chosen
 * for what s and d really give, and at last d for these points. A point is the best one for its scale, always.
 */
final class CodebookEncoder {
    private static final int COLUMNS = 256;
    private static final int LANES = PointStripes.LANES;
    private static final PointSearch SEARCH = PointSearch.BEST;

    /** The least d above 0 in half precision. */
    private static final float LEAST = 0x1p-24f;

    private final Shape shape;

    /** What digits stand for, with delta added and, if there is one, subtracted. */
    private final float[][] values;

    /** For each of these the stripes of the block, sixteen at a time; a stripe is the columns of a point. */
    private final PointStripes[][] stripes;

    /** Stripes that share a delta, and those that share a scale. */
    private final int deltaStripes;

    private final int scaleStripes;

    /** For each s the scale that is tried, or is in use; the best of those that were; and how good that is. */
    private final float[] own;

    private final float[] best;
    private final float[] merit;

    /** The columns, of which the largest is 1, and what their errors count. */
    final float[] x = new float[COLUMNS];

    final float[] w = new float[COLUMNS];

    /** What columns were divided by. */
    private float size;

    /** The results: for each stripe its point and whether delta is negative; s; and d, all zeros if that is 0. */
    final int[] points;

    final boolean[] negative;
    final int[] scales;
    float d;

    /**
     * What the blocks of a format are like.
     *
     * @param codebook the values
     * @param unit the factor on values
     * @param delta what is added, or subtracted, or 0
     * @param deltaColumns columns that share its sign
     * @param scaleColumns columns that share s
     * @param scales how many s there are
     * @param tries scales to try, each the largest column by the largest value times this
     * @param rounded whether these are tried as if all combinations of values were points: for many points, with values so
     *     far apart that it makes little difference
     */
    record Shape(
            Codebook codebook,
            float unit,
            float delta,
            int deltaColumns,
            int scaleColumns,
            int scales,
            float[] tries,
            boolean rounded) {}

    CodebookEncoder(Shape shape) {
        this.shape = shape;
        int[] alphabet = shape.codebook().alphabet();
        int columns = shape.codebook().columns();
        deltaStripes = shape.deltaColumns() / columns;
        scaleStripes = shape.scaleColumns() / columns;
        values = new float[shape.delta() == 0 ? 1 : 2][alphabet.length];
        points = new int[COLUMNS / columns];
        negative = new boolean[points.length];
        stripes = new PointStripes[values.length][points.length / LANES];
        for (int sign = 0; sign < values.length; sign++) {
            for (int k = 0; k < alphabet.length; k++) {
                values[sign][k] = alphabet[k] * shape.unit() + (sign == 0 ? shape.delta() : -shape.delta());
            }
            for (int i = 0; i < stripes[sign].length; i++) {
                stripes[sign][i] = new PointStripes(shape.codebook().points());
            }
        }
        scales = new int[COLUMNS / shape.scaleColumns()];
        own = new float[scales.length];
        best = new float[scales.length];
        merit = new float[scales.length];
    }

    /**
     * Takes the columns of a block and weighs their errors: importance times the root of x² and {@code spread} times the
     * mean of all x². Without importance, or where all of it is 0, columns are equally important.
     *
     * @param importance of each column from {@code importanceAt} on, or null
     */
    void take(float[] in, int at, float[] importance, int importanceAt, float spread) {
        size = 0;
        float most = 0;
        for (int i = 0; i < COLUMNS; i++) {
            size = Math.max(size, Math.abs(in[at + i]));
            most = importance == null ? 0 : Math.max(most, importance[importanceAt + i]);
        }
        float sum = 0;
        for (int i = 0; i < COLUMNS; i++) {
            x[i] = size == 0 ? 0 : in[at + i] / size;
            sum += x[i] * x[i];
        }
        float mean = spread * sum / COLUMNS;
        for (int i = 0; i < COLUMNS; i++) {
            float q = most == 0 ? 1 : importance[importanceAt + i] / most;
            w[i] = q * (float) Math.sqrt(mean + x[i] * x[i]);
        }
    }

    /** Encodes the columns that {@link #x} and {@link #w} have. */
    void encode() {
        for (int i = 0; i < stripes[0].length; i++) {
            for (int sign = 0; sign < stripes.length; sign++) {
                stripes[sign][i].load(x, w, i * LANES * shape.codebook().columns());
                SEARCH.prepare(stripes[sign][i], values[sign]);
            }
        }
        findScales();
        if (!roundScales()) {
            d = 0;
            return;
        }
        float products = 0;
        float squares = 0;
        for (int i = 0; i < stripes[0].length; i++) {
            search(i, false);
            for (int lane = 0; lane < LANES; lane++) {
                int g = i * LANES + lane;
                PointStripes found = stripes[negative[g] ? 1 : 0][i];
                int factor = 2 * scales[g / scaleStripes] + 1;
                points[g] = found.point[lane];
                products += factor * found.products[lane];
                squares += factor * factor * found.squares[lane];
            }
        }
        d = products > 0 ? size * (products / squares) : 0;
    }

    /** Sets the best scale for each s. */
    private void findScales() {
        Arrays.fill(best, 0);
        Arrays.fill(merit, 0);
        float largest = values[0][values[0].length - 1];
        for (float t : shape.tries()) {
            for (int b = 0; b < own.length; b++) {
                float most = 0;
                for (int i = b * shape.scaleColumns(); i < (b + 1) * shape.scaleColumns(); i++) {
                    most = Math.max(most, Math.abs(x[i]));
                }
                own[b] = most / largest * t;
            }
            for (int i = 0; i < stripes[0].length; i++) {
                search(i, shape.rounded());
                for (int g = i * LANES; g < (i + 1) * LANES; g += scaleStripes) {
                    judge(i, g);
                }
            }
        }
    }

    /** Keeps the best scale for the points that were found, from stripe g on, if these are the best yet. */
    private void judge(int i, int g) {
        float products = 0;
        float squares = 0;
        for (int j = g; j < g + scaleStripes; j++) {
            PointStripes found = stripes[negative[j] ? 1 : 0][i];
            products += found.products[j - i * LANES];
            squares += found.squares[j - i * LANES];
        }
        int b = g / scaleStripes;
        if (products > 0 && products * products > merit[b] * squares) {
            best[b] = products / squares;
            merit[b] = best[b] * products;
        }
    }

    /**
     * Sets d and s, and the scales that these give.
     *
     * @return false if all of them are too small for half precision
     */
    private boolean roundScales() {
        float most = 0;
        for (float scale : best) {
            most = Math.max(most, scale);
        }
        if (size * most < LEAST / 2) {
            return false;
        }
        d = Math.max(LEAST, size * most / (2 * shape.scales() - 1));
        for (int b = 0; b < own.length; b++) {
            int s = Math.round((best[b] * (size / d) - 1) / 2);
            scales[b] = Math.clamp(s, 0, shape.scales() - 1);
            own[b] = d / size * (2 * scales[b] + 1);
        }
        return true;
    }

    /** Finds the points, and signs of delta, of the i-th sixteen stripes for their {@link #own} scales. */
    private void search(int i, boolean rounded) {
        int first = i * LANES;
        for (int sign = 0; sign < stripes.length; sign++) {
            PointStripes g = stripes[sign][i];
            for (int lane = 0; lane < LANES; lane++) {
                g.scale[lane] = own[(first + lane) / scaleStripes];
            }
            if (rounded) {
                SEARCH.round(g, values[sign]);
            } else {
                SEARCH.nearest(g);
            }
        }
        for (int lane = 0; stripes.length == 2 && lane < LANES; lane += deltaStripes) {
            float difference = 0;
            for (int j = lane; j < lane + deltaStripes; j++) {
                difference += stripes[1][i].error[j] - stripes[0][i].error[j];
            }
            Arrays.fill(negative, first + lane, first + lane + deltaStripes, difference < 0);
        }
    }
}
