package dev.skald.langchain4j;

import dev.langchain4j.model.output.TokenUsage;
import java.util.Objects;

/** The tokens of an answer, and how many of its prompt did not have to be computed. */
public final class SkaldTokenUsage extends TokenUsage {
    private final int cachedInputTokenCount;

    /**
     * Counts tokens.
     *
     * @param input tokens of the prompt, cached ones included
     * @param output generated tokens, including the one that ends the text
     * @param cachedInput tokens of the prompt that the model had read before
     */
    public SkaldTokenUsage(int input, int output, int cachedInput) {
        super(input, output);
        this.cachedInputTokenCount = cachedInput;
    }

    /**
     * How many tokens of the prompt did not have to be computed, because another prompt began the same.
     *
     * @return tokens, part of {@link #inputTokenCount()}
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
