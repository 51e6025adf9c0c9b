package dev.skald.runtime.sampling;

import dev.skald.runtime.check.Checks;

/**
 * Keeps the tokens that are at least p times as probable as the most probable one (Nguyen et al. 2024, "Turning Up the
 * Heat: Min-p Sampling").
 *
 * @param p the share of the highest probability that a token has to reach, in [0, 1]
 * @param minKeep how many tokens stay at least, as far as there are so many; 0 or 1 for no more than one
 */
public record MinP(float p, int minKeep) implements SamplerStep {
    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if p is not in [0, 1], or {@code minKeep} is negative
     */
    public MinP {
        Checks.unit("p", p);
        Checks.range("minKeep", minKeep, 0, Integer.MAX_VALUE);
    }

    /**
     * At least one token stays.
     *
     * @param p as above
     * @throws IllegalArgumentException if p is not in [0, 1]
     */
    public MinP(float p) {
        this(p, 0);
    }

    @Override
    public void apply(Candidates candidates, TokenHistory history) {
        if (p > 0) {
            // p(i) >= p * p(best), in logits: no exponential of any candidate is needed.
            candidates.keepFrom(candidates.logit(candidates.best()) + Math.log(p), minKeep);
        }
    }
}
