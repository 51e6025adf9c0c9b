package dev.skald.spring.ai.autoconfigure;

import dev.skald.runtime.chat.ChatOptions;
import dev.skald.spring.ai.SkaldChatOptions;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;

/** The chat model's defaults for prompts. The model's file provides the defaults of properties that are not set. */
@ConfigurationProperties("spring.ai.skald.chat")
public class SkaldChatProperties {
    /** Name of the model in responses. By default the name in its file. */
    private String model;

    /** Temperature: 0 takes the most probable token each time. By default what the file recommends. */
    private Double temperature;

    /** Probability that the tokens to choose from reach together. */
    private Double topP;

    /** Number of tokens to choose from; 0 for all. */
    private Integer topK;

    /** Fraction of the highest probability that a token needs. */
    private Double minP;

    /** How much less probable a token gets each time it comes. */
    private Double frequencyPenalty;

    /** How much less probable a token gets once it was there. */
    private Double presencePenalty;

    /** Factor by which tokens that were there lose; 1 for none. */
    private Double repeatPenalty;

    /** Most tokens of an answer. By default an answer may go on until the context is full. */
    private Integer maxTokens;

    /** Texts that end an answer. */
    private List<String> stopSequences;

    /** Seed that repeats an answer. By default another one each time. */
    private Long seed;

    /** Whether a model that can think before it answers is to do so. By default what its chat template does. */
    private Boolean thinking;

    /** Most tokens of thoughts. */
    private Integer maxThinkingTokens;

    /** Whether an answer may have several calls. */
    private Boolean parallelToolCalls;

    /** Whether the model is told the schema that an answer is held to. */
    private Boolean schemaInPrompt;

    /** Most tokens of a conversation. By default what the model was trained for. */
    private Integer contextLength;

    /** Built-in chat template, for files that carry none. */
    private String template;

    /** Creates properties without values. */
    public SkaldChatProperties() {}

    /**
     * Name of the model in responses. By default the name in its file.
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
     * Temperature: 0 takes the most probable token each time. By default what the file recommends.
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
     * Probability that the tokens to choose from reach together.
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
     * Number of tokens to choose from; 0 for all.
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
     * Fraction of the highest probability that a token needs.
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
     * How much less probable a token gets each time it comes.
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
     * How much less probable a token gets once it was there.
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
     * Factor by which tokens that were there lose; 1 for none.
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
     * Most tokens of an answer. By default an answer may go on until the context is full.
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
     * Texts that end an answer.
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
     * Seed that repeats an answer. By default another one each time.
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
     * Whether a model that can think before it answers is to do so. By default what its chat template does.
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
     * Most tokens of thoughts.
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
     * Whether an answer may have several calls.
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
     * Whether the model is told the schema that an answer is held to.
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
     * Most tokens of a conversation. By default what the model was trained for.
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
     * Built-in chat template, for files that carry none.
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
