package dev.skald.langchain4j;

import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.DefaultChatRequestParameters;
import java.util.Objects;

/**
 * The request parameters that LangChain4j does not have. The model's builder provides defaults for parameters that are
 * not set, and otherwise the model's file does. A parameter that is null is not set.
 */
public final class SkaldChatRequestParameters extends DefaultChatRequestParameters {
    private final Long seed;
    private final Double minP;
    private final Double repeatPenalty;
    private final Boolean thinking;
    private final Integer maxThinkingTokens;
    private final Boolean parallelToolCalls;

    private SkaldChatRequestParameters(Builder builder) {
        super(builder);
        seed = builder.seed;
        minP = builder.minP;
        repeatPenalty = builder.repeatPenalty;
        thinking = builder.thinking;
        maxThinkingTokens = builder.maxThinkingTokens;
        parallelToolCalls = builder.parallelToolCalls;
    }

    /**
     * Returns the seed. The same seed, parameters and messages repeat an answer.
     *
     * @return any number; null for a random one
     */
    public Long seed() {
        return seed;
    }

    /**
     * Returns the fraction of the highest probability that a token needs.
     *
     * @return 0 to 1, or null
     */
    public Double minP() {
        return minP;
    }

    /**
     * Returns the penalty factor for repeated tokens.
     *
     * @return the factor; 1 for no penalty, or null
     */
    public Double repeatPenalty() {
        return repeatPenalty;
    }

    /**
     * Returns whether a model that can think does so before it answers.
     *
     * @return true or false; null for the default of its chat template
     */
    public Boolean thinking() {
        return thinking;
    }

    /**
     * Returns the maximum number of tokens for thoughts.
     *
     * @return the number, 0 or more; null for no limit
     */
    public Integer maxThinkingTokens() {
        return maxThinkingTokens;
    }

    /**
     * Returns whether an answer may have several calls.
     *
     * @return true or false; null for true
     */
    public Boolean parallelToolCalls() {
        return parallelToolCalls;
    }

    @Override
    public SkaldChatRequestParameters overrideWith(ChatRequestParameters that) {
        return builder().overrideWith(this).overrideWith(that).build();
    }

    @Override
    public SkaldChatRequestParameters defaultedBy(ChatRequestParameters that) {
        return builder().overrideWith(that).overrideWith(this).build();
    }

    @Override
    public boolean equals(Object other) {
        return super.equals(other)
                && other instanceof SkaldChatRequestParameters that
                && Objects.equals(seed, that.seed)
                && Objects.equals(minP, that.minP)
                && Objects.equals(repeatPenalty, that.repeatPenalty)
                && Objects.equals(thinking, that.thinking)
                && Objects.equals(maxThinkingTokens, that.maxThinkingTokens)
                && Objects.equals(parallelToolCalls, that.parallelToolCalls);
    }

    @Override
    public int hashCode() {
        return Objects.hash(
                super.hashCode(), seed, minP, repeatPenalty, thinking, maxThinkingTokens, parallelToolCalls);
    }

    @Override
    public String toString() {
        return "SkaldChatRequestParameters{" + super.toString() + ", seed=" + seed + ", minP=" + minP
                + ", repeatPenalty=" + repeatPenalty + ", thinking=" + thinking + ", maxThinkingTokens="
                + maxThinkingTokens + ", parallelToolCalls=" + parallelToolCalls + '}';
    }

    /**
     * Creates parameters.
     *
     * @return a builder without values
     */
    public static Builder builder() {
        return new Builder();
    }

    /** Collects parameters. */
    public static final class Builder extends DefaultChatRequestParameters.Builder<Builder> {
        private Long seed;
        private Double minP;
        private Double repeatPenalty;
        private Boolean thinking;
        private Integer maxThinkingTokens;
        private Boolean parallelToolCalls;

        private Builder() {}

        @Override
        public Builder overrideWith(ChatRequestParameters parameters) {
            super.overrideWith(parameters);
            if (parameters instanceof SkaldChatRequestParameters that) {
                seed = that.seed == null ? seed : that.seed;
                minP = that.minP == null ? minP : that.minP;
                repeatPenalty = that.repeatPenalty == null ? repeatPenalty : that.repeatPenalty;
                thinking = that.thinking == null ? thinking : that.thinking;
                maxThinkingTokens = that.maxThinkingTokens == null ? maxThinkingTokens : that.maxThinkingTokens;
                parallelToolCalls = that.parallelToolCalls == null ? parallelToolCalls : that.parallelToolCalls;
            }
            return this;
        }

        /**
         * Sets the seed.
         *
         * @param value any number; null for a random one
         * @return this
         */
        public Builder seed(Long value) {
            seed = value;
            return this;
        }

        /**
         * Samples from the tokens that have at least this fraction of the highest probability.
         *
         * @param value 0 to 1
         * @return this
         */
        public Builder minP(Double value) {
            minP = value;
            return this;
        }

        /**
         * Makes repeated tokens less probable.
         *
         * @param value the factor, more than 0; 1 has no effect
         * @return this
         */
        public Builder repeatPenalty(Double value) {
            repeatPenalty = value;
            return this;
        }

        /**
         * Sets whether a model that can think does so before it answers.
         *
         * @param value true or false; null for the default of its chat template
         * @return this
         */
        public Builder thinking(Boolean value) {
            thinking = value;
            return this;
        }

        /**
         * Limits the thoughts of the model to this number of tokens.
         *
         * @param value the number of tokens, 0 or more
         * @return this
         */
        public Builder maxThinkingTokens(Integer value) {
            maxThinkingTokens = value;
            return this;
        }

        /**
         * Sets whether an answer may have several calls.
         *
         * @param value false for at most one call
         * @return this
         */
        public Builder parallelToolCalls(Boolean value) {
            parallelToolCalls = value;
            return this;
        }

        @Override
        public SkaldChatRequestParameters build() {
            return new SkaldChatRequestParameters(this);
        }
    }
}
