package dev.skald.langchain4j;

import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ToolChoice;
import dev.skald.runtime.chat.ChatOptions;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * The common part of the builders of {@link SkaldChatModel} and {@link SkaldStreamingChatModel}. The model's file
 * provides the defaults of parameters that are not set.
 *
 * @param <B> the builder
 */
public abstract sealed class SkaldChatModelBuilder<B extends SkaldChatModelBuilder<B>> extends SkaldModelBuilder<B>
        permits SkaldChatModel.Builder, SkaldStreamingChatModel.Builder {
    private final SkaldChatRequestParameters.Builder own = SkaldChatRequestParameters.builder();
    private ChatRequestParameters defaults;
    private List<ChatModelListener> listeners = List.of();
    private Consumer<ChatOptions> chatOptions = options -> {};
    private boolean schemaInPrompt = true;

    SkaldChatModelBuilder() {}

    /**
     * Sets default parameters for requests. Parameters that this builder sets by name take precedence.
     *
     * @param parameters the parameters, such as {@link SkaldChatRequestParameters}
     * @return this
     */
    public B defaultRequestParameters(ChatRequestParameters parameters) {
        defaults = parameters;
        return self();
    }

    /**
     * Sets the temperature.
     *
     * @param value the temperature; 0 always takes the most probable token
     * @return this
     */
    public B temperature(Double value) {
        own.temperature(value);
        return self();
    }

    /**
     * Samples from the most probable tokens that together reach this probability.
     *
     * @param value 0 to 1
     * @return this
     */
    public B topP(Double value) {
        own.topP(value);
        return self();
    }

    /**
     * Samples from the k most probable tokens.
     *
     * @param value the number of tokens; 0 for all
     * @return this
     */
    public B topK(Integer value) {
        own.topK(value);
        return self();
    }

    /**
     * Samples from the tokens that have at least this fraction of the highest probability.
     *
     * @param value 0 to 1
     * @return this
     */
    public B minP(Double value) {
        own.minP(value);
        return self();
    }

    /**
     * Makes a token less probable each time it occurs.
     *
     * @param value the penalty; 0 for none
     * @return this
     */
    public B frequencyPenalty(Double value) {
        own.frequencyPenalty(value);
        return self();
    }

    /**
     * Makes a token less probable once it has occurred.
     *
     * @param value the penalty; 0 for none
     * @return this
     */
    public B presencePenalty(Double value) {
        own.presencePenalty(value);
        return self();
    }

    /**
     * Makes repeated tokens less probable, by a factor.
     *
     * @param value the factor, more than 0; 1 has no effect
     * @return this
     */
    public B repeatPenalty(Double value) {
        own.repeatPenalty(value);
        return self();
    }

    /**
     * Limits the length of an answer. Without a limit, it may continue until the context is full.
     *
     * @param value the number of tokens
     * @return this
     */
    public B maxOutputTokens(Integer value) {
        own.maxOutputTokens(value);
        return self();
    }

    /**
     * Ends an answer before the first of these texts.
     *
     * @param texts none of them empty
     * @return this
     */
    public B stopSequences(List<String> texts) {
        own.stopSequences(texts);
        return self();
    }

    /**
     * Ends an answer before the first of these texts.
     *
     * @param texts none of them empty
     * @return this
     */
    public B stopSequences(String... texts) {
        return stopSequences(List.of(texts));
    }

    /**
     * Sets the seed, so that the same request has the same answer.
     *
     * @param value the seed; null for a random one each time
     * @return this
     */
    public B seed(Long value) {
        own.seed(value);
        return self();
    }

    /**
     * Sets the functions that the model may call.
     *
     * @param tools the names and parameters of the functions
     * @return this
     */
    public B toolSpecifications(List<ToolSpecification> tools) {
        own.toolSpecifications(tools);
        return self();
    }

    /**
     * Sets whether the model must call a function.
     *
     * @param choice the choice; null to leave it to the model
     * @return this
     */
    public B toolChoice(ToolChoice choice) {
        own.toolChoice(choice);
        return self();
    }

    /**
     * Sets whether an answer may have several calls.
     *
     * @param value false for at most one call
     * @return this
     */
    public B parallelToolCalls(Boolean value) {
        own.parallelToolCalls(value);
        return self();
    }

    /**
     * Sets the format of answers. With a schema, the model can only write JSON that matches it.
     *
     * @param format text, JSON, or JSON that matches a schema
     * @return this
     */
    public B responseFormat(ResponseFormat format) {
        own.responseFormat(format);
        return self();
    }

    /**
     * Sets whether the prompt contains the schema of the {@link #responseFormat}, with its descriptions, after the
     * user's last message. The default is true: a model that knows the schema fills it in better than one that is only
     * constrained by it.
     *
     * @param value false to leave messages unchanged
     * @return this
     */
    public B schemaInPrompt(boolean value) {
        schemaInPrompt = value;
        return self();
    }

    /**
     * Sets whether a model that can think does so before it answers.
     *
     * @param value true or false; null for the default of its chat template
     * @return this
     */
    public B thinking(Boolean value) {
        own.thinking(value);
        return self();
    }

    /**
     * Limits the thoughts of the model to this number of tokens.
     *
     * @param value the number of tokens, 0 or more
     * @return this
     */
    public B maxThinkingTokens(Integer value) {
        own.maxThinkingTokens(value);
        return self();
    }

    /**
     * Sets the listeners for requests, responses and errors.
     *
     * @param value the listeners, called in this order
     * @return this
     */
    public B listeners(List<ChatModelListener> value) {
        listeners = List.copyOf(value);
        return self();
    }

    /**
     * Sets the listeners for requests, responses and errors.
     *
     * @param value the listeners, called in this order
     * @return this
     */
    public B listeners(ChatModelListener... value) {
        return listeners(List.of(value));
    }

    /**
     * Changes options that LangChain4j does not have: the chat template, the context length, adapters, the treatment of
     * a full context, and through {@link ChatOptions#generation} the other sampling settings.
     *
     * @param settings changes the options of each conversation; messages, tools and parameters are set after it
     * @return this
     */
    public B chatOptions(Consumer<ChatOptions> settings) {
        chatOptions = Objects.requireNonNull(settings, "chatOptions");
        return self();
    }

    /** Returns the part that answers requests. It checks the parameters before a model is opened. */
    Answering answering() {
        SkaldChatRequestParameters parameters = SkaldChatRequestParameters.builder()
                .overrideWith(defaults == null ? ChatRequestParameters.builder().build() : defaults)
                .overrideWith(own.build())
                .build();
        Request.check(parameters);
        Source source = source();
        try {
            Request.checkName(parameters, source.name());
        } catch (RuntimeException e) {
            source.close();
            throw e;
        }
        SkaldChatRequestParameters named = SkaldChatRequestParameters.builder()
                .overrideWith(parameters)
                .modelName(source.name())
                .build();
        return new Answering(source, named, List.copyOf(listeners), chatOptions, schemaInPrompt);
    }
}
