package dev.skald.runtime.sampling;

import dev.skald.runtime.check.Checks;

/**
 * Divides the logits by a temperature: below 1 the probable becomes more probable, above 1 the distribution flattens.
 *
 * <p>p(i) is proportional to exp(logit(i) / temperature). The highest logit is subtracted first, which changes no
 * probability and keeps a very low temperature from overflowing.
 *
 * @param temperature above 0; a temperature of 0 is no step but the greedy choice of a {@link Sampler}
 */
public record Temperature(float temperature) implements SamplerStep {
    /**
     * Checks the temperature.
     *
     * @throws IllegalArgumentException if it is not a finite number above 0
     */
    public Temperature {
        Checks.positive("temperature", temperature);
    }

    @Override
    public void apply(Candidates candidates, TokenHistory history) {
        candidates.divide(temperature);
    }
}
