package dev.skald.kernels.encode;

import java.util.Arrays;

/**
 * Sixteen groups of columns side by side, and what a {@link ScaleSearch} found for each. A group is the columns that share
 * a scale. Number i of group g stands at [i][g], so that a vector has the same column of several groups: each lane then
 * adds in the order of its columns, and a sum is the same at every width of vectors and without them.
 *
 * <p>One per thread: {@link #ofThread}. A row with fewer groups than sixteen leaves the others zero.
 */
public final class Groups {
    /** Groups side by side. */
    public static final int LANES = 16;

    /** The most columns that a group has. */
    private static final int MOST = 32;

    private static final ThreadLocal<Groups> OWN = ThreadLocal.withInitial(Groups::new);

    /** Columns per group. */
    int size;

    /** The numbers, [size][LANES]. */
    final float[] x = new float[MOST * LANES];

    /** How much the squared error of each counts. */
    final float[] w = new float[MOST * LANES];

    /** The importance of each column, where the row has any. */
    final float[] q = new float[MOST * LANES];

    /** Codes as floats: those of the candidate, and afterwards those of symmetric and descent. */
    final float[] work = new float[MOST * LANES];

    /** What a group's codes are multiplied by. */
    public final float[] scale = new float[LANES];

    /** What is subtracted from them then, not negative. */
    public final float[] min = new float[LANES];

    /** The codes of {@link ScaleSearch#affine} are (x + offset) inverse, rounded. */
    public final float[] inverse = new float[LANES];

    /** See {@link #inverse}. */
    public final float[] offset = new float[LANES];

    /** The sum of each group's weights, where {@link ScaleSearch#weighByImportanceAndSize} set them. */
    public final float[] sum = new float[LANES];

    /** The mean square of all columns that its weights start from. */
    public final float[] sigma = new float[LANES];

    /** What a step of a search on vectors leaves to the next: vectors may not be arguments (see {@link VectorSearch}). */
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

    /** Final codes of a block, for whom it helps. */
    public final int[] codes = new int[256];

    Groups() {}

    /** The calling thread's own, whose contents are what its last use left. */
    public static Groups ofThread() {
        return OWN.get();
    }

    /**
     * Takes over consecutive groups.
     *
     * @param size columns per group, at most 32
     * @param from the columns, from {@code at} on
     * @param importance of each column from {@code importanceAt} on, or null
     * @param columns how many: a multiple of the size, at most sixteen times as many
     */
    public void load(int size, float[] from, int at, float[] importance, int importanceAt, int columns) {
        this.size = size;
        int groups = columns / size;
        if (groups < LANES) {
            Arrays.fill(x, 0, size * LANES, 0);
            Arrays.fill(q, 0, size * LANES, 0);
        }
        transpose(from, at, groups, x);
        if (importance != null) {
            transpose(importance, importanceAt, groups, q);
        }
    }

    private void transpose(float[] from, int at, int groups, float[] to) {
        for (int g = 0; g < groups; g++) {
            int group = at + g * size;
            for (int i = 0; i < size; i++) {
                to[i * LANES + g] = from[group + i];
            }
        }
    }

    /** Writes the codes that the search found for a group, max added, to {@link #codes} from {@code to} on. */
    public void found(int group, int max, int to) {
        for (int i = 0; i < size; i++) {
            codes[to + i] = (int) work[i * LANES + group] + max;
        }
    }
}
