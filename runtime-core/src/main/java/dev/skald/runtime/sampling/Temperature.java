package dev.skald.runtime.sampling;

import dev.skald.runtime.check.Checks;

/**
 * Divides the logits by a temperature: below 1 the probable becomes more probable, above 1 the distribution flattens.
 *
 * <p>p(i) is proportional to exp(logit(i) / temperature). At 0 or less all tokens but the most probable become impossible,
 * of several the one with the lowest id stays.
 *
 * @param temperature a finite number
 */
public record Temperature(float temperature) implements SamplerStep {
    /**
     * Checks the temperature.
     *
     * @throws IllegalArgumentException if it is not finite
     */
    public Temperature {
        Checks.finite("temperature", temperature);
    }

    @Override
    public void apply(Candidates candidates, TokenHistory history) {
        apply(candidates, temperature);
    }

    static void apply(Candidates candidates, float temperature) {
        if (temperature > 0) {
            candidates.divide(temperature);
        } else {
            candidates.maskAllBut(candidates.best());
        }
    }
}
