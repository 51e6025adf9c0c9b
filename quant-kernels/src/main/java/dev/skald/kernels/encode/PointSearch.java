package dev.skald.kernels.encode;

import dev.skald.kernels.platform.Kernels;

/**
 * Finds the points of a codebook that are nearest to stripes of columns, exactly, for sixteen {@link PointStripes} at once; in
 * plain Java or on vectors, with the same result to the last bit.
 *
 * <p>The error of a point is a sum over columns, so it is the sum of the errors of its two halves, and there are few different
 * halves. This costs one addition for each point, and needs no table of neighbours. The errors of halves follow from two sums
 * that do not depend on the scale.
 */
public abstract class PointSearch {
    /** The search for this JVM, chosen together with {@link Kernels#BEST}. */
    public static final PointSearch BEST = Kernels.BEST.packs() ? new VectorPoints() : new ScalarPoints();

    /** For the two implementations in this package. */
    PointSearch() {}

    /**
     * Prepares stripes that have been loaded.
     *
     * @param values the value of each digit
     */
    public abstract void prepare(PointStripes g, float[] values);

    /**
     * Finds, for each stripe, the point with the least sum of w (x - scale v)²; the first if there are several.
     *
     * @param g prepared, with the scales set
     */
    public final void nearest(PointStripes g) {
        search(g);
        for (int lane = 0; lane < PointStripes.LANES; lane++) {
            int low = g.points.lows[g.point[lane]] * PointStripes.LANES + lane;
            int high = g.points.highs[g.point[lane]] * PointStripes.LANES + lane;
            g.products[lane] = g.lowProducts[low] + g.highProducts[high];
            g.squares[lane] = g.lowSquares[low] + g.highSquares[high];
        }
    }

    /**
     * Sets errors, products and squares as if all combinations of values were points; this takes little time.
     *
     * @param g loaded stripes, with the scales set
     * @param values the value of each digit
     */
    public abstract void round(PointStripes g, float[] values);

    /** Sets the points and their errors. */
    abstract void search(PointStripes g);
}
