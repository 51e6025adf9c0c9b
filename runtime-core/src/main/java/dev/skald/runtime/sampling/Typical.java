package dev.skald.runtime.sampling;

import dev.skald.runtime.check.Checks;

/**
 * Keeps the tokens whose surprise is nearest to the expected one (Meister et al. 2022, "Locally Typical Sampling"): by
 * |-ln p(i) - H|, smallest first, where H is the entropy of the candidates, until their probabilities sum up to
 * more than p. At least one token stays; the most probable one may go.
 *
 * @param p the mass to keep, in [0, 1]
 * @param minKeep how many tokens stay at least, as far as there are so many; 0 or 1 for no more than one
 */
public record Typical(float p, int minKeep) implements SamplerStep {
    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if p is not in [0, 1], or {@code minKeep} is negative
     */
    public Typical {
        Checks.unit("p", p);
        Checks.range("minKeep", minKeep, 0, Integer.MAX_VALUE);
    }

    /**
     * At least one token stays.
     *
     * @param p as above
     * @throws IllegalArgumentException if p is not in [0, 1]
     */
    public Typical(float p) {
        this(p, 0);
    }

    @Override
    public void apply(Candidates candidates, TokenHistory history) {
        if (p < 1) {
            candidates.keepMassNear(candidates.entropy(), p, minKeep);
        }
    }
}
