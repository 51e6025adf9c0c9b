package dev.skald.kernels.encode;

/**
 * Sixteen stripes of columns side by side, and the point of a codebook that a {@link PointSearch} found for each. Number i
 * of stripe g stands at [i][g].
 */
public final class PointStripes {
    /** Stripes side by side. */
    public static final int LANES = 16;

    final Points points;

    /** The numbers, [column][LANES], and how much the squared error of each counts. */
    final float[] x;

    final float[] w;

    /** Sums of w x v and of w v² over half of the columns for all their combinations of values v, [number][LANES]. */
    final float[] lowProducts;

    final float[] lowSquares;
    final float[] highProducts;
    final float[] highSquares;

    /** What the first half of the columns adds to the error. */
    final float[] low;

    /** What a stripe's values are multiplied by. */
    public final float[] scale = new float[LANES];

    /** The point that was found for each stripe. */
    public final int[] point = new int[LANES];

    /** Its sum of w (x - scale v)², less that of w x². */
    public final float[] error = new float[LANES];

    /** Its sum of w x v. */
    public final float[] products = new float[LANES];

    /** Its sum of w v². */
    public final float[] squares = new float[LANES];

    /** Stripes for a codebook. */
    public PointStripes(Points points) {
        this.points = points;
        x = new float[points.columns * LANES];
        w = new float[x.length];
        lowProducts = new float[points.halves * LANES];
        lowSquares = new float[lowProducts.length];
        highProducts = new float[lowProducts.length];
        highSquares = new float[lowProducts.length];
        low = new float[lowProducts.length];
    }

    /** Takes over sixteen stripes of consecutive columns, and the weights of their errors. */
    public void load(float[] from, float[] weights, int at) {
        for (int g = 0; g < LANES; g++) {
            for (int j = 0; j < points.columns; j++) {
                int i = at + g * points.columns + j;
                x[j * LANES + g] = from[i];
                w[j * LANES + g] = weights[i];
            }
        }
    }
}
