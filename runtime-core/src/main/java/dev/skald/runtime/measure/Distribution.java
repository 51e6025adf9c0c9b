package dev.skald.runtime.measure;

import java.util.Arrays;

/** The distribution of a value over the tokens of a text. Immutable. */
public final class Distribution {
    private final Estimate mean;
    private final float[] sorted;

    /** Creates the distribution of at least one value. */
    Distribution(Estimate mean, float[] values, int count) {
        this.mean = mean;
        this.sorted = Arrays.copyOf(values, count);
        Arrays.sort(sorted);
    }

    /**
     * Returns the mean, with its standard error.
     *
     * @return the mean over all tokens
     */
    public Estimate mean() {
        return mean;
    }

    /**
     * Returns the smallest value.
     *
     * @return the smallest
     */
    public double min() {
        return sorted[0];
    }

    /**
     * Returns the largest value.
     *
     * @return the largest
     */
    public double max() {
        return sorted[sorted.length - 1];
    }

    /**
     * Returns the median.
     *
     * @return the 0.5 quantile
     */
    public double median() {
        return quantile(0.5);
    }

    /**
     * Returns a quantile: the value that a share of the tokens does not exceed, interpolated linearly as in llama.cpp.
     *
     * @param share 0 to 1
     * @return the quantile
     * @throws IllegalArgumentException if out of range
     */
    public double quantile(double share) {
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException("share must be 0 to 1, not " + share);
        }
        double place = share * (sorted.length - 1);
        int below = (int) place;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (place - below) * (sorted[above] - (double) sorted[below]);
    }
}
