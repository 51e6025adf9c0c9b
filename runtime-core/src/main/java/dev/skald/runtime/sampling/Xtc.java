package dev.skald.runtime.sampling;

import java.util.random.RandomGenerator;

/**
 * Excludes top choices (p-e-w 2024, text-generation-webui pull request 6335): now and then, all tokens of at least a
 * given probability but the least probable of them are removed, so that the text leaves the most trodden path while
 * something sensible remains. With fewer than two such tokens nothing happens.
 *
 * @param probability how often, in [0, 1]
 * @param threshold what a top choice is: a probability in [0, 1]; above 0.5 there are never two
 * @param minKeep how many tokens are left at least; where fewer would be, nothing happens
 * @param random draws once for each token
 */
record Xtc(float probability, float threshold, int minKeep, RandomGenerator random) implements SamplerStep {
    @Override
    public void apply(Candidates candidates, TokenHistory history) {
        if (random.nextDouble() < probability) {
            candidates.dropTop(threshold, minKeep);
        }
    }
}
