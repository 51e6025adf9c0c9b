package dev.skald.langchain4j;

import dev.langchain4j.model.output.TokenUsage;
import java.util.Objects;

/** The token counts of an answer, including the number of prompt tokens that came from the cache. */
public final class SkaldTokenUsage extends TokenUsage {
    private final int cachedInputTokenCount;

    /**
     * Creates token counts.
     *
     * @param input the tokens of the prompt, including cached ones
     * @param output the generated tokens, including the one that ends the text
     * @param cachedInput the tokens of the prompt that came from the cache
     */
    public SkaldTokenUsage(int input, int output, int cachedInput) {
        super(input, output);
        this.cachedInputTokenCount = cachedInput;
    }

    /**
     * Returns the number of prompt tokens that came from the cache, because an earlier prompt had the same beginning.
     *
     * @return the number of tokens, a part of {@link #inputTokenCount()}
     */
    public int cachedInputTokenCount() {
        return cachedInputTokenCount;
    }

    @Override
    public SkaldTokenUsage add(TokenUsage that) {
        if (that == null) {
            return this;
        }
        int cached = that instanceof SkaldTokenUsage other ? other.cachedInputTokenCount : 0;
        return new SkaldTokenUsage(
                sum(inputTokenCount(), that.inputTokenCount()),
                sum(outputTokenCount(), that.outputTokenCount()),
                cachedInputTokenCount + cached);
    }

    @Override
    public boolean equals(Object other) {
        return super.equals(other)
                && other instanceof SkaldTokenUsage usage
                && cachedInputTokenCount == usage.cachedInputTokenCount;
    }

    @Override
    public int hashCode() {
        return Objects.hash(super.hashCode(), cachedInputTokenCount);
    }

    @Override
    public String toString() {
        return "SkaldTokenUsage { inputTokenCount = " + inputTokenCount() + ", outputTokenCount = " + outputTokenCount()
                + ", totalTokenCount = " + totalTokenCount() + ", cachedInputTokenCount = " + cachedInputTokenCount
                + " }";
    }
}
