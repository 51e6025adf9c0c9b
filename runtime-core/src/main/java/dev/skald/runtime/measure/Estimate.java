package dev.skald.runtime.measure;

import java.util.Locale;

/**
 * A number measured on a sample of tokens.
 *
 * @param value the number
 * @param error its standard error: in about two of three cases the true value is within it; 0 if the sample is too
 *     small to tell
 */
public record Estimate(double value, double error) {
    /** A mean needs more values than this for an error, as in llama.cpp. */
    private static final int FEW = 10;

    /**
     * Returns the mean of values. Its error is sqrt((mean of squares - mean^2) / (n - 1)).
     *
     * @param sum of the values
     * @param squares sum of their squares
     * @param count how many values
     */
    static Estimate mean(double sum, double squares, long count) {
        if (count == 0) {
            return new Estimate(0, 0);
        }
        double mean = sum / count;
        double variance = squares / count - mean * mean;
        return new Estimate(mean, variance > 0 && count > FEW ? Math.sqrt(variance / (count - 1)) : 0);
    }

    /** Returns the value of a function of slope {@code slope} at this value, with linear propagation of the error. */
    Estimate map(double mapped, double slope) {
        return new Estimate(mapped, Math.abs(slope) * error);
    }

    /** Returns its exponential, such as a perplexity from a mean negative log-likelihood. */
    Estimate exp() {
        double exp = Math.exp(value);
        return map(exp, exp);
    }

    /**
     * Formats the number with its error.
     *
     * @return such as {@code 3.0632 +/- 0.1445}
     */
    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%.4f +/- %.4f", value, error);
    }
}
