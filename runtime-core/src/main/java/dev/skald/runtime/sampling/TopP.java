package dev.skald.runtime.sampling;

import dev.skald.runtime.check.Checks;

/**
 * Keeps the smallest set of most probable tokens whose probabilities sum up to at least p (nucleus sampling, Holtzman
 * et al. 2019, "The Curious Case of Neural Text Degeneration"). At least one token stays.
 *
 * @param p the mass to keep, in [0, 1]
 */
public record TopP(float p) implements SamplerStep {
    /**
     * Checks p.
     *
     * @throws IllegalArgumentException if p is not in [0, 1]
     */
    public TopP {
        Checks.unit("p", p);
    }

    @Override
    public void apply(Candidates candidates, TokenHistory history) {
        if (p < 1) {
            candidates.keepMass(p);
        }
    }
}
