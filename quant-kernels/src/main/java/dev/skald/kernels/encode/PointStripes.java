package dev.skald.kernels.encode;

/**
 * Sixteen stripes of columns side by side, and the point of a codebook that a {@link PointSearch} found for each. Number i of
 * stripe g is at [i][g].
 */
public final class PointStripes {
    /** How many stripes are side by side. */
    public static final int LANES = 16;

    final Points points;

    /** The numbers, [column][LANES], and the weights of their squared errors. */
    final float[] x;

    final float[] w;

    /** Sums of w x v and of w v² over half of the columns, for all combinations of values v, [number][LANES]. */
    final float[] lowProducts;

    final float[] lowSquares;
    final float[] highProducts;
    final float[] highSquares;

    /** The part of the error that comes from the first half of the columns. */
    final float[] low;

    /** The factor on a stripe's values. */
    public final float[] scale = new float[LANES];

    /** The point that was found for each stripe. */
    public final int[] point = new int[LANES];

    /** Its sum of w (x - scale v)², minus the sum of w x². */
    public final float[] error = new float[LANES];

    /** Its sum of w x v. */
    public final float[] products = new float[LANES];

    /** Its sum of w v². */
    public final float[] squares = new float[LANES];

    /** Creates stripes for a codebook. */
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

    /** Loads sixteen stripes of consecutive columns, and the weights of their errors. */
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
