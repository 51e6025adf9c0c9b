package dev.skald.runtime.measure;

import dev.skald.runtime.error.UnsupportedModelException;

/** Logarithms of probabilities. Sums are in float64: a vocabulary has 100,000 terms, and a divergence may be 1e-6. */
final class LogSoftmax {
    private LogSoftmax() {}

    /**
     * Returns log of the sum of exp of logits: a token's log-probability is its logit minus this.
     *
     * @throws UnsupportedModelException if a logit is NaN or infinite
     */
    static double normalizer(float[] logits, int offset, int count) {
        float max = logits[offset];
        for (int i = 1; i < count; i++) {
            max = Math.max(max, logits[offset + i]);
        }
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += Math.exp(logits[offset + i] - max);
        }
        double normalizer = max + Math.log(sum);
        if (!Double.isFinite(normalizer)) {
            throw new UnsupportedModelException(
                    "the model's predictions are not probabilities (its logits are NaN or infinite), so its file is damaged"
                            + " or of a kind that Skald does not know: download it again");
        }
        return normalizer;
    }

    /** Returns the index of the first largest value. */
    static int top(float[] logits, int offset, int count) {
        int top = 0;
        for (int i = 1; i < count; i++) {
            if (logits[offset + i] > logits[offset + top]) {
                top = i;
            }
        }
        return top;
    }
}
