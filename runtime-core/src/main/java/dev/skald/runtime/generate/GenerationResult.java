package dev.skald.runtime.generate;

import java.time.Duration;
import java.util.Locale;

/**
 * The result of a generation.
 *
 * @param reason why it ended
 * @param stop the stop string that ended it, or null
 * @param cachedTokens tokens of the text that did not have to be computed: those that the session had before, and of the prompt
 *     those that others have read (see {@link dev.skald.runtime.ModelOptions#prefixCache})
 * @param promptTokens tokens of the prompt that were computed
 * @param generatedTokens generated tokens, including the one that ends the text
 * @param promptTime the time for the prompt, from the request of the first token to its logits
 * @param generationTime the time for the rest, without the caller's own time between tokens
 * @param seed the seed of the sampler, to repeat the text
 */
public record GenerationResult(
        FinishReason reason,
        String stop,
        int cachedTokens,
        int promptTokens,
        int generatedTokens,
        Duration promptTime,
        Duration generationTime,
        long seed) {

    /**
     * Returns the speed of reading the prompt.
     *
     * @return tokens per second; 0 when no time was measured
     */
    public double promptTokensPerSecond() {
        return perSecond(promptTokens, promptTime);
    }

    /**
     * Returns the speed of generating. The first token follows from the prompt's logits and is not counted.
     *
     * @return tokens per second; 0 when no time was measured
     */
    public double generatedTokensPerSecond() {
        return perSecond(Math.max(0, generatedTokens - 1), generationTime);
    }

    /**
     * Formats the result as one line.
     *
     * @return finish reason, token counts and speeds; cached tokens if there are any
     */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%s%s; prompt %d tokens%s, %.1f tokens/s; generated %d tokens, %.1f tokens/s; seed %d",
                reason,
                stop == null ? "" : " at \"" + stop + "\"",
                promptTokens,
                cachedTokens == 0 ? "" : " beside " + cachedTokens + " cached",
                promptTokensPerSecond(),
                generatedTokens,
                generatedTokensPerSecond(),
                seed);
    }

    private static double perSecond(int tokens, Duration time) {
        return time.isZero() ? 0 : tokens * 1e9 / time.toNanos();
    }
}
