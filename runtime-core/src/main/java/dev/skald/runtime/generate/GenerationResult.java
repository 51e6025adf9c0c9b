package dev.skald.runtime.generate;

import java.time.Duration;
import java.util.Locale;

/**
 * How a generation went.
 *
 * @param reason why it ended
 * @param stop the stop string that ended it, or null
 * @param cachedTokens tokens of the text that did not have to be computed: those that the session had before, and of the prompt
 *     those that others have read (see {@link dev.skald.runtime.ModelOptions#prefixCache})
 * @param promptTokens tokens of the prompt that were computed
 * @param generatedTokens tokens generated, the one that ends the text included
 * @param promptTime what the prompt took, from the first token asked for to its logits
 * @param generationTime what the rest took, the caller's own time between tokens left out
 * @param seed the seed of the draws, for repeating the text
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
     * Speed of the prompt.
     *
     * @return tokens per second; 0 when no time was measured
     */
    public double promptTokensPerSecond() {
        return perSecond(promptTokens, promptTime);
    }

    /**
     * Speed of the generation. The first token comes out of the prompt's logits, so it is not counted.
     *
     * @return tokens per second; 0 when no time was measured
     */
    public double generatedTokensPerSecond() {
        return perSecond(Math.max(0, generatedTokens - 1), generationTime);
    }

    /**
     * A line for people.
     *
     * @return finish reason, counts and speeds; cached tokens where there are any
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
