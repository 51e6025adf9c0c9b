package dev.skald.runtime.sampling;

import dev.skald.runtime.check.Checks;

/**
 * Divides the logits by a temperature that follows the model's certainty (entropy-based sampling of KoboldCpp, 2023):
 *
 * <pre>{@code
 * low  = max(0, temperature - range)
 * high = temperature + range
 * t    = low + (high - low) * (H / ln n)^exponent
 * }</pre>
 *
 * <p>H is the entropy of the n candidates, and ln n the highest that it can be. So a certain model is sampled at a low
 * temperature, and an uncertain one at a high temperature. A single candidate is not changed.
 *
 * @param temperature the middle of the range, a finite number
 * @param range how far the temperature may be from it; 0 or less for a plain {@link Temperature}
 * @param exponent above 1 the temperature stays low for longer, below 1 it rises sooner
 */
public record DynamicTemperature(float temperature, float range, float exponent) implements SamplerStep {
    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if one is not finite
     */
    public DynamicTemperature {
        Checks.finite("temperature", temperature);
        Checks.finite("range", range);
        Checks.finite("exponent", exponent);
    }

    @Override
    public void apply(Candidates candidates, TokenHistory history) {
        if (range <= 0) {
            Temperature.apply(candidates, temperature);
        } else if (candidates.size() > 1) {
            float low = Math.max(0, temperature - range);
            double certainty = candidates.entropy() / Math.log(candidates.size());
            Temperature.apply(candidates, (float) (low + (temperature + range - low) * Math.pow(certainty, exponent)));
        }
    }
}
