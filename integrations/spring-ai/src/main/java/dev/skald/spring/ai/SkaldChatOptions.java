package dev.skald.spring.ai;

import dev.skald.runtime.chat.ToolChoice;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.model.tool.DefaultToolCallingChatOptions;
import org.springframework.ai.model.tool.StructuredOutputChatOptions;

/**
 * The options of a {@link SkaldChatModel}: Spring AI's and Skald's own. The model's file provides the defaults of
 * options that are null. A {@linkplain #getModel model} other than the chat model's own is rejected.
 */
public class SkaldChatOptions extends DefaultToolCallingChatOptions implements StructuredOutputChatOptions {
    private final Long seed;
    private final Double minP;
    private final Double repeatPenalty;
    private final Boolean thinking;
    private final Integer maxThinkingTokens;
    private final ToolChoice toolChoice;
    private final Boolean parallelToolCalls;
    private final String outputSchema;
    private final Boolean schemaInPrompt;

    private SkaldChatOptions(Builder builder) {
        super(
                builder.tools(),
                builder.context(),
                builder.model(),
                builder.frequencyPenalty(),
                builder.maxTokens(),
                builder.presencePenalty(),
                builder.stopSequences(),
                builder.temperature(),
                builder.topK(),
                builder.topP());
        seed = builder.seed;
        minP = builder.minP;
        repeatPenalty = builder.repeatPenalty;
        thinking = builder.thinking;
        maxThinkingTokens = builder.maxThinkingTokens;
        toolChoice = builder.toolChoice;
        parallelToolCalls = builder.parallelToolCalls;
        outputSchema = builder.outputSchema;
        schemaInPrompt = builder.schemaInPrompt;
    }

    /**
     * Returns the seed. The same seed, options and messages repeat an answer.
     *
     * @return any number; null for a random one
     */
    public Long getSeed() {
        return seed;
    }

    /**
     * Returns the fraction of the highest probability that a token needs.
     *
     * @return 0 to 1, or null
     */
    public Double getMinP() {
        return minP;
    }

    /**
     * Returns the penalty factor for repeated tokens.
     *
     * @return the factor; 1 for no penalty, or null
     */
    public Double getRepeatPenalty() {
        return repeatPenalty;
    }

    /**
     * Returns whether a model that can think does so before it answers.
     *
     * @return true or false; null for the default of its chat template
     */
    public Boolean getThinking() {
        return thinking;
    }

    /**
     * Returns the maximum number of tokens for thoughts.
     *
     * @return the number, 0 or more; null for no limit
     */
    public Integer getMaxThinkingTokens() {
        return maxThinkingTokens;
    }

    /**
     * Returns whether the model must call a function.
     *
     * @return the choice; null to leave it to the model
     */
    public ToolChoice getToolChoice() {
        return toolChoice;
    }

    /**
     * Returns whether an answer may have several calls.
     *
     * @return true or false; null for true
     */
    public Boolean getParallelToolCalls() {
        return parallelToolCalls;
    }

    /**
     * Returns the JSON schema that the answer must match.
     *
     * @return a schema, or null
     */
    @Override
    public String getOutputSchema() {
        return outputSchema;
    }

    /**
     * Returns whether the prompt contains the schema, after the user's last message.
     *
     * @return true or false; null for true
     */
    public Boolean getSchemaInPrompt() {
        return schemaInPrompt;
    }

    @Override
    public Builder mutate() {
        return builder()
                .model(getModel())
                .frequencyPenalty(getFrequencyPenalty())
                .maxTokens(getMaxTokens())
                .presencePenalty(getPresencePenalty())
                .stopSequences(getStopSequences())
                .temperature(getTemperature())
                .topK(getTopK())
                .topP(getTopP())
                .toolCallbacks(getToolCallbacks())
                .toolContext(getToolContext())
                .seed(seed)
                .minP(minP)
                .repeatPenalty(repeatPenalty)
                .thinking(thinking)
                .maxThinkingTokens(maxThinkingTokens)
                .toolChoice(toolChoice)
                .parallelToolCalls(parallelToolCalls)
                .outputSchema(outputSchema)
                .schemaInPrompt(schemaInPrompt);
    }

    @Override
    public boolean equals(Object other) {
        return super.equals(other)
                && other instanceof SkaldChatOptions that
                && Objects.equals(seed, that.seed)
                && Objects.equals(minP, that.minP)
                && Objects.equals(repeatPenalty, that.repeatPenalty)
                && Objects.equals(thinking, that.thinking)
                && Objects.equals(maxThinkingTokens, that.maxThinkingTokens)
                && Objects.equals(toolChoice, that.toolChoice)
                && Objects.equals(parallelToolCalls, that.parallelToolCalls)
                && Objects.equals(outputSchema, that.outputSchema)
                && Objects.equals(schemaInPrompt, that.schemaInPrompt);
    }

    @Override
    public int hashCode() {
        return Objects.hash(
                super.hashCode(),
                seed,
                minP,
                repeatPenalty,
                thinking,
                maxThinkingTokens,
                toolChoice,
                parallelToolCalls,
                outputSchema,
                schemaInPrompt);
    }

    /**
     * Creates options.
     *
     * @return a builder without values
     */
    public static Builder builder() {
        return new Builder();
    }

    /** Collects options. */
    public static final class Builder extends DefaultToolCallingChatOptions.Builder<Builder>
            implements StructuredOutputChatOptions.Builder<Builder> {
        private Long seed;
        private Double minP;
        private Double repeatPenalty;
        private Boolean thinking;
        private Integer maxThinkingTokens;
        private ToolChoice toolChoice;
        private Boolean parallelToolCalls;
        private String outputSchema;
        private Boolean schemaInPrompt;

        private Builder() {}

        private List<org.springframework.ai.tool.ToolCallback> tools() {
            return toolCallbacks;
        }

        private Map<String, Object> context() {
            return toolContext;
        }

        private String model() {
            return model;
        }

        private Double frequencyPenalty() {
            return frequencyPenalty;
        }

        private Integer maxTokens() {
            return maxTokens;
        }

        private Double presencePenalty() {
            return presencePenalty;
        }

        private List<String> stopSequences() {
            return stopSequences;
        }

        private Double temperature() {
            return temperature;
        }

        private Integer topK() {
            return topK;
        }

        private Double topP() {
            return topP;
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
         * Sets whether the model must call a function.
         *
         * @param value the choice; null to leave it to the model
         * @return this
         */
        public Builder toolChoice(ToolChoice value) {
            toolChoice = value;
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
        public Builder outputSchema(String value) {
            outputSchema = value;
            return this;
        }

        /**
         * Sets whether the prompt contains the schema that the answer must match.
         *
         * @param value false to leave messages unchanged
         * @return this
         */
        public Builder schemaInPrompt(Boolean value) {
            schemaInPrompt = value;
            return this;
        }

        @Override
        public Builder combineWith(ChatOptions.Builder<?> other) {
            super.combineWith(other);
            if (other instanceof Builder that) {
                seed = or(that.seed, seed);
                minP = or(that.minP, minP);
                repeatPenalty = or(that.repeatPenalty, repeatPenalty);
                thinking = or(that.thinking, thinking);
                maxThinkingTokens = or(that.maxThinkingTokens, maxThinkingTokens);
                toolChoice = or(that.toolChoice, toolChoice);
                parallelToolCalls = or(that.parallelToolCalls, parallelToolCalls);
                outputSchema = or(that.outputSchema, outputSchema);
                schemaInPrompt = or(that.schemaInPrompt, schemaInPrompt);
            }
            return this;
        }

        private static <T> T or(T value, T fallback) {
            return value == null ? fallback : value;
        }

        @Override
        public SkaldChatOptions build() {
            return new SkaldChatOptions(this);
        }
    }
}
