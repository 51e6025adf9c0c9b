package dev.skald.runtime.sampling;

import dev.skald.runtime.check.Checks;

/**
 * Keeps the smallest set of most probable tokens whose probabilities sum up to at least p (nucleus sampling, Holtzman
 * et al. 2019, "The Curious Case of Neural Text Degeneration"). At least one token stays.
 *
 * @param p the mass to keep, in [0, 1]
 * @param minKeep how many tokens stay at least, as far as there are so many; 0 or 1 for no more than one
 */
public record TopP(float p, int minKeep) implements SamplerStep {
    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if p is not in [0, 1], or {@code minKeep} is negative
     */
    public TopP {
        Checks.unit("p", p);
        Checks.range("minKeep", minKeep, 0, Integer.MAX_VALUE);
    }

    /**
     * At least one token stays.
     *
     * @param p as above
     * @throws IllegalArgumentException if p is not in [0, 1]
     */
    public TopP(float p) {
        this(p, 0);
    }

    @Override
    public void apply(Candidates candidates, TokenHistory history) {
        if (p < 1) {
            candidates.keepMass(p, minKeep);
        }
    }
}
