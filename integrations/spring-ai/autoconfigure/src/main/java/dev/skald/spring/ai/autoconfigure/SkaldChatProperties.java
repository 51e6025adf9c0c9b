package dev.skald.spring.ai.autoconfigure;

import dev.skald.runtime.chat.ChatOptions;
import dev.skald.spring.ai.SkaldChatOptions;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;

/** The chat model's defaults for prompts. For sampling settings that are not set, the model's file has the defaults. */
@ConfigurationProperties("spring.ai.skald.chat")
public class SkaldChatProperties {
    /** Name of the model in responses. Default: the name in the model's file. */
    private String model;

    /** Temperature. 0 always takes the most probable token. Default: the model's file recommends it. */
    private Double temperature;

    /** Share of the probability from which a token is chosen: only the most probable tokens that reach it together count. */
    private Double topP;

    /** Number of the most probable tokens from which one is chosen. 0 for all. */
    private Integer topK;

    /** Least probability of a token, as a fraction of the highest one. */
    private Double minP;

    /** Penalty for a token for each time it has occurred. */
    private Double frequencyPenalty;

    /** Penalty for a token that has occurred, however often. */
    private Double presencePenalty;

    /** Factor that makes tokens which have occurred less probable. 1 for no penalty. */
    private Double repeatPenalty;

    /** Maximum number of tokens of an answer. Default: until the context is full. */
    private Integer maxTokens;

    /** Texts that end an answer. They are not part of it. */
    private List<String> stopSequences;

    /** Seed, which makes an answer repeatable. Default: another one for each answer. */
    private Long seed;

    /** Whether the model thinks before it answers, if it can. Default: the chat template decides. */
    private Boolean thinking;

    /** Maximum number of tokens that the model thinks. */
    private Integer maxThinkingTokens;

    /** Whether an answer may contain several tool calls. */
    private Boolean parallelToolCalls;

    /** Whether the prompt tells the model the JSON schema of its answer. The answer fits the schema in any case. */
    private Boolean schemaInPrompt;

    /** Maximum number of tokens of a conversation with its answer. Default: what the model was trained for. */
    private Integer contextLength;

    /** Name of a built-in chat template, for files without one, such as chatml or llama3. */
    private String template;

    /** Creates properties without values. */
    public SkaldChatProperties() {}

    /**
     * Name of the model in responses. Default: the name in the model's file.
     *
     * @return the name, or null
     */
    public String getModel() {
        return model;
    }

    /**
     * Sets the name. See {@link #getModel}.
     *
     * @param value null if it is not set
     */
    public void setModel(String value) {
        model = value;
    }

    /**
     * Temperature. 0 always takes the most probable token. Default: the model's file recommends it.
     *
     * @return the temperature, or null
     */
    public Double getTemperature() {
        return temperature;
    }

    /**
     * Sets the temperature. See {@link #getTemperature}.
     *
     * @param value null if it is not set
     */
    public void setTemperature(Double value) {
        temperature = value;
    }

    /**
     * Share of the probability from which a token is chosen: only the most probable tokens that reach it together count.
     *
     * @return the probability, or null
     */
    public Double getTopP() {
        return topP;
    }

    /**
     * Sets the probability. See {@link #getTopP}.
     *
     * @param value null if it is not set
     */
    public void setTopP(Double value) {
        topP = value;
    }

    /**
     * Number of the most probable tokens from which one is chosen. 0 for all.
     *
     * @return the number, or null
     */
    public Integer getTopK() {
        return topK;
    }

    /**
     * Sets the number. See {@link #getTopK}.
     *
     * @param value null if it is not set
     */
    public void setTopK(Integer value) {
        topK = value;
    }

    /**
     * Least probability of a token, as a fraction of the highest one.
     *
     * @return the fraction, or null
     */
    public Double getMinP() {
        return minP;
    }

    /**
     * Sets the fraction. See {@link #getMinP}.
     *
     * @param value null if it is not set
     */
    public void setMinP(Double value) {
        minP = value;
    }

    /**
     * Penalty for a token for each time it has occurred.
     *
     * @return the penalty, or null
     */
    public Double getFrequencyPenalty() {
        return frequencyPenalty;
    }

    /**
     * Sets the penalty. See {@link #getFrequencyPenalty}.
     *
     * @param value null if it is not set
     */
    public void setFrequencyPenalty(Double value) {
        frequencyPenalty = value;
    }

    /**
     * Penalty for a token that has occurred, however often.
     *
     * @return the penalty, or null
     */
    public Double getPresencePenalty() {
        return presencePenalty;
    }

    /**
     * Sets the penalty. See {@link #getPresencePenalty}.
     *
     * @param value null if it is not set
     */
    public void setPresencePenalty(Double value) {
        presencePenalty = value;
    }

    /**
     * Factor that makes tokens which have occurred less probable. 1 for no penalty.
     *
     * @return the factor, or null
     */
    public Double getRepeatPenalty() {
        return repeatPenalty;
    }

    /**
     * Sets the factor. See {@link #getRepeatPenalty}.
     *
     * @param value null if it is not set
     */
    public void setRepeatPenalty(Double value) {
        repeatPenalty = value;
    }

    /**
     * Maximum number of tokens of an answer. Default: until the context is full.
     *
     * @return the number, or null
     */
    public Integer getMaxTokens() {
        return maxTokens;
    }

    /**
     * Sets the number. See {@link #getMaxTokens}.
     *
     * @param value null if it is not set
     */
    public void setMaxTokens(Integer value) {
        maxTokens = value;
    }

    /**
     * Texts that end an answer. They are not part of it.
     *
     * @return the texts, or null
     */
    public List<String> getStopSequences() {
        return stopSequences;
    }

    /**
     * Sets the texts. See {@link #getStopSequences}.
     *
     * @param value null if it is not set
     */
    public void setStopSequences(List<String> value) {
        stopSequences = value;
    }

    /**
     * Seed, which makes an answer repeatable. Default: another one for each answer.
     *
     * @return the seed, or null
     */
    public Long getSeed() {
        return seed;
    }

    /**
     * Sets the seed. See {@link #getSeed}.
     *
     * @param value null if it is not set
     */
    public void setSeed(Long value) {
        seed = value;
    }

    /**
     * Whether the model thinks before it answers, if it can. Default: the chat template decides.
     *
     * @return true or false, or null
     */
    public Boolean getThinking() {
        return thinking;
    }

    /**
     * Sets true or false. See {@link #getThinking}.
     *
     * @param value null if it is not set
     */
    public void setThinking(Boolean value) {
        thinking = value;
    }

    /**
     * Maximum number of tokens that the model thinks.
     *
     * @return the number, or null
     */
    public Integer getMaxThinkingTokens() {
        return maxThinkingTokens;
    }

    /**
     * Sets the number. See {@link #getMaxThinkingTokens}.
     *
     * @param value null if it is not set
     */
    public void setMaxThinkingTokens(Integer value) {
        maxThinkingTokens = value;
    }

    /**
     * Whether an answer may contain several tool calls.
     *
     * @return true or false, or null
     */
    public Boolean getParallelToolCalls() {
        return parallelToolCalls;
    }

    /**
     * Sets true or false. See {@link #getParallelToolCalls}.
     *
     * @param value null if it is not set
     */
    public void setParallelToolCalls(Boolean value) {
        parallelToolCalls = value;
    }

    /**
     * Whether the prompt tells the model the JSON schema of its answer. The answer fits the schema in any case.
     *
     * @return true or false, or null
     */
    public Boolean getSchemaInPrompt() {
        return schemaInPrompt;
    }

    /**
     * Sets true or false. See {@link #getSchemaInPrompt}.
     *
     * @param value null if it is not set
     */
    public void setSchemaInPrompt(Boolean value) {
        schemaInPrompt = value;
    }

    /**
     * Maximum number of tokens of a conversation with its answer. Default: what the model was trained for.
     *
     * @return the number, or null
     */
    public Integer getContextLength() {
        return contextLength;
    }

    /**
     * Sets the number. See {@link #getContextLength}.
     *
     * @param value null if it is not set
     */
    public void setContextLength(Integer value) {
        contextLength = value;
    }

    /**
     * Name of a built-in chat template, for files without one, such as chatml or llama3.
     *
     * @return the name, or null
     */
    public String getTemplate() {
        return template;
    }

    /**
     * Sets the name. See {@link #getTemplate}.
     *
     * @param value null if it is not set
     */
    public void setTemplate(String value) {
        template = value;
    }

    /** Returns the options of prompts. */
    SkaldChatOptions options() {
        return SkaldChatOptions.builder()
                .model(model)
                .temperature(temperature)
                .topP(topP)
                .topK(topK)
                .minP(minP)
                .frequencyPenalty(frequencyPenalty)
                .presencePenalty(presencePenalty)
                .repeatPenalty(repeatPenalty)
                .maxTokens(maxTokens)
                .stopSequences(stopSequences)
                .seed(seed)
                .thinking(thinking)
                .maxThinkingTokens(maxThinkingTokens)
                .parallelToolCalls(parallelToolCalls)
                .schemaInPrompt(schemaInPrompt)
                .build();
    }

    /** Sets options that Spring AI does not have. */
    void set(ChatOptions options) {
        if (contextLength != null) {
            options.contextLength(contextLength);
        }
        if (template != null) {
            options.template(template);
        }
    }
}
