package dev.skald.runtime.sampling;

import dev.skald.runtime.check.Checks;

/**
 * Makes tokens impossible whose logit is more than n standard deviations below the highest (Tang et al. 2024, "Top-nσ: Not All
 * Logits Are You Need"). The deviation is that of all candidates with a finite logit; the others stay candidates, with the logit -Infinity.
 *
 * @param n how many standard deviations, above 0
 */
public record TopNSigma(float n) implements SamplerStep {
    /**
     * Checks n.
     *
     * @throws IllegalArgumentException if n is not a finite number above 0
     */
    public TopNSigma {
        Checks.positive("n", n);
    }

    @Override
    public void apply(Candidates candidates, TokenHistory history) {
        float highest = candidates.logit(candidates.best());
        double sum = 0;
        double squares = 0;
        int count = 0;
        for (int i = 0; i < candidates.size(); i++) {
            // From the highest, not from 0: a common offset of the logits then costs no precision.
            double distance = (double) highest - candidates.logit(i);
            if (distance < Double.POSITIVE_INFINITY) {
                sum += distance;
                squares += distance * distance;
                count++;
            }
        }
        double mean = sum / count;
        double deviation = Math.sqrt(Math.max(0, squares / count - mean * mean));
        candidates.maskBelow(highest - n * deviation);
    }
}
