package dev.skald.runtime.sampling;

import dev.skald.runtime.check.Checks;

/**
 * Keeps the tokens whose surprise is nearest to the expected one (Meister et al. 2022, "Locally Typical Sampling"): by
 * |-ln p(i) - H|, smallest first, where H is the entropy of the candidates, until their probabilities sum up to at
 * least p. At least one token stays; the most probable one may go.
 *
 * @param p the mass to keep, in [0, 1]
 */
public record Typical(float p) implements SamplerStep {
    /**
     * Checks p.
     *
     * @throws IllegalArgumentException if p is not in [0, 1]
     */
    public Typical {
        Checks.unit("p", p);
    }

    @Override
    public void apply(Candidates candidates, TokenHistory history) {
        if (p < 1) {
            candidates.keepMassNear(candidates.entropy(), p);
        }
    }
}
