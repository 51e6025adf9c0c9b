package dev.skald.langchain4j;

import dev.langchain4j.model.chat.response.ChatResponseMetadata;
import dev.skald.runtime.generate.GenerationResult;
import java.util.Objects;

/** The metadata of an answer, including Skald's own report. */
public final class SkaldChatResponseMetadata extends ChatResponseMetadata {
    private final GenerationResult generationResult;

    private SkaldChatResponseMetadata(Builder builder) {
        super(builder);
        this.generationResult = Objects.requireNonNull(builder.generationResult, "generationResult");
    }

    /**
     * Returns Skald's report: why the answer ended, the numbers of tokens, the duration, and the seed that repeats the
     * answer.
     *
     * @return the report
     */
    public GenerationResult generationResult() {
        return generationResult;
    }

    @Override
    public SkaldTokenUsage tokenUsage() {
        return (SkaldTokenUsage) super.tokenUsage();
    }

    @Override
    public Builder toBuilder() {
        return (Builder) super.toBuilder(builder().generationResult(generationResult));
    }

    @Override
    public boolean equals(Object other) {
        return super.equals(other)
                && other instanceof SkaldChatResponseMetadata metadata
                && generationResult.equals(metadata.generationResult);
    }

    @Override
    public int hashCode() {
        return Objects.hash(super.hashCode(), generationResult);
    }

    @Override
    public String toString() {
        return "SkaldChatResponseMetadata{id='" + id() + "', modelName='" + modelName() + "', tokenUsage="
                + tokenUsage() + ", finishReason=" + finishReason() + ", generationResult=" + generationResult + '}';
    }

    /**
     * Creates metadata.
     *
     * @return a builder without values
     */
    public static Builder builder() {
        return new Builder();
    }

    /** Collects the values. */
    public static final class Builder extends ChatResponseMetadata.Builder<Builder> {
        private GenerationResult generationResult;

        private Builder() {}

        /**
         * Sets Skald's report.
         *
         * @param result the report
         * @return this
         */
        public Builder generationResult(GenerationResult result) {
            generationResult = result;
            return this;
        }

        @Override
        public SkaldChatResponseMetadata build() {
            return new SkaldChatResponseMetadata(this);
        }
    }
}
