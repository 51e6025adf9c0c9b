package dev.skald.runtime.sampling;

import dev.skald.runtime.check.Checks;

/**
 * Makes tokens of the recent text less probable. For a token that occurs c times, c above 0, among the last tokens of
 * the history:
 *
 * <pre>{@code
 * logit = logit > 0 ? logit / repeat : logit * repeat
 * logit = logit - c * frequency - presence
 * }</pre>
 *
 * <p>The first line is that of Keskar et al. 2019, "CTRL", with the multiplication for negative logits that makes it a
 * penalty there too; the second that of the OpenAI API.
 *
 * @param lastTokens how many of the newest tokens count; 0 or less for none
 * @param repeat divides the logit, above 0; 1 changes nothing, below 1 rewards repetition
 * @param frequency subtracted once for each time the token occurs; 0 changes nothing
 * @param presence subtracted once if the token occurs; 0 changes nothing
 */
public record Penalties(int lastTokens, float repeat, float frequency, float presence) implements SamplerStep {
    /**
     * Checks the settings.
     *
     * @throws IllegalArgumentException if {@code repeat} is not a finite number above 0, or another penalty is not
     *     finite
     */
    public Penalties {
        Checks.positive("repeat", repeat);
        Checks.finite("frequency", frequency);
        Checks.finite("presence", presence);
    }

    /** Returns whether these penalties can change any logit. */
    boolean active() {
        return lastTokens > 0 && (repeat != 1 || frequency != 0 || presence != 0);
    }

    @Override
    public void apply(Candidates candidates, TokenHistory history) {
        int first = Math.max(0, history.size() - Math.max(0, lastTokens));
        history.checkTokens(first, candidates.vocabulary());
        int[] counts = candidates.zeroCounts();
        for (int i = first; i < history.size(); i++) {
            counts[history.get(i)]++;
        }
        try {
            candidates.adjust(counts, history, first, this, Penalties::penalized);
        } finally {
            for (int i = first; i < history.size(); i++) {
                counts[history.get(i)] = 0;
            }
        }
    }

    private float penalized(float logit, int count) {
        float repeated = logit > 0 ? logit / repeat : logit * repeat;
        return repeated - (count * frequency + presence);
    }
}
