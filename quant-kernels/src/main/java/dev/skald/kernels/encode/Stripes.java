package dev.skald.kernels.encode;

import java.util.Arrays;

/**
 * Sixteen stripes of columns side by side, and what a {@link ScaleSearch} found for each. A stripe consists of the columns that
 * share a scale. Number i of stripe g is at [i][g], so a vector has the same column of several stripes. Each lane then adds its
 * columns in order, and a sum is the same with vectors of any width or without.
 *
 * <p>Each thread has one: {@link #ofThread}. If a row has fewer than sixteen stripes, the others are zero.
 */
public final class Stripes {
    /** How many stripes are side by side. */
    public static final int LANES = 16;

    /** The greatest number of columns in a stripe. */
    private static final int MOST = 32;

    private static final ThreadLocal<Stripes> OWN = ThreadLocal.withInitial(Stripes::new);

    /** Columns per stripe. */
    int size;

    /** The numbers, [size][LANES]. */
    final float[] x = new float[MOST * LANES];

    /** The weight of each number's squared error. */
    final float[] w = new float[MOST * LANES];

    /** The importance of each column, if the row has any. */
    final float[] q = new float[MOST * LANES];

    /** Codes as floats: those of the candidate, and in the end those of symmetric and descent. */
    final float[] work = new float[MOST * LANES];

    /** The factor on a stripe's codes. */
    public final float[] scale = new float[LANES];

    /** The number that is then subtracted from them; not negative. */
    public final float[] min = new float[LANES];

    /** The codes of {@link ScaleSearch#affine} are (x + offset) inverse, rounded. */
    public final float[] inverse = new float[LANES];

    /** See {@link #inverse}. */
    public final float[] offset = new float[LANES];

    /** The sum of each stripe's weights, if {@link ScaleSearch#weighByImportanceAndSize} set them. */
    public final float[] sum = new float[LANES];

    /** The mean square of all columns, from which its weights start. */
    public final float[] sigma = new float[LANES];

    /**
     * What one step of a search on vectors leaves for the next, because vectors must not be arguments (see {@link
     * VectorSearch}).
     */
    final State state = new State();

    static final class State {
        int max;
        float last;
        boolean obvious;
        boolean changed;
        float[] values;
        float[] borders;
        final float[] extreme = new float[LANES];
        final float[] most = new float[LANES];
        final float[] best = new float[LANES];
        final float[] bestInverse = new float[LANES];
        final float[] error = new float[LANES];
        final float[] newError = new float[LANES];
        final float[] inverse = new float[LANES];
        final float[] scale = new float[LANES];
        final float[] min = new float[LANES];
        final float[] w = new float[LANES];
        final float[] wx = new float[LANES];
        final float[] l = new float[LANES];
        final float[] ll = new float[LANES];
        final float[] xl = new float[LANES];
    }

    /** Codes of the scales of a super-block. */
    public final int[] scales = new int[LANES];

    /** Codes of its minima. */
    public final int[] mins = new int[LANES];

    /** The final codes of a block, for formats that want them. */
    public final int[] codes = new int[256];

    Stripes() {}

    /** Returns the calling thread's own stripes, with the contents of their last use. */
    public static Stripes ofThread() {
        return OWN.get();
    }

    /**
     * Loads consecutive stripes.
     *
     * @param size columns per stripe, at most 32
     * @param from the columns, from {@code at} on
     * @param importance of each column from {@code importanceAt} on, or null
     * @param columns how many: a multiple of the size, at most sixteen times as many
     */
    public void load(int size, float[] from, int at, float[] importance, int importanceAt, int columns) {
        this.size = size;
        int stripes = columns / size;
        if (stripes < LANES) {
            Arrays.fill(x, 0, size * LANES, 0);
            Arrays.fill(q, 0, size * LANES, 0);
        }
        transpose(from, at, stripes, x);
        if (importance != null) {
            transpose(importance, importanceAt, stripes, q);
        }
    }

    private void transpose(float[] from, int at, int stripes, float[] to) {
        for (int g = 0; g < stripes; g++) {
            int stripe = at + g * size;
            for (int i = 0; i < size; i++) {
                to[i * LANES + g] = from[stripe + i];
            }
        }
    }

    /** Writes the codes that the search found for a stripe, max added, to {@link #codes} from {@code to} on. */
    public void found(int stripe, int max, int to) {
        for (int i = 0; i < size; i++) {
            codes[to + i] = (int) work[i * LANES + stripe] + max;
        }
    }
}
