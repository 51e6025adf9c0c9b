package dev.skald.runtime.sampling;

import dev.skald.runtime.check.Checks;

/**
 * Keeps the tokens that are at least p times as probable as the most probable one (Nguyen et al. 2024, "Turning Up the
 * Heat: Min-p Sampling").
 *
 * @param p the share of the highest probability that a token has to reach, in [0, 1]
 */
public record MinP(float p) implements SamplerStep {
    /**
     * Checks p.
     *
     * @throws IllegalArgumentException if p is not in [0, 1]
     */
    public MinP {
        Checks.unit("p", p);
    }

    @Override
    public void apply(Candidates candidates, TokenHistory history) {
        if (p > 0) {
            // p(i) >= p * p(best), in logits: no exponential of any candidate is needed.
            candidates.keepFrom(candidates.logit(candidates.best()) + Math.log(p));
        }
    }
}
