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
 * What the builders of {@link SkaldChatModel} and {@link SkaldStreamingChatModel} have in common. A parameter that is not set is
 * as the model's file recommends.
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
     * Sets the parameters of requests that do not set them. Those that this builder sets by name come before them.
     *
     * @param parameters such as {@link SkaldChatRequestParameters}
     * @return this
     */
    public B defaultRequestParameters(ChatRequestParameters parameters) {
        defaults = parameters;
        return self();
    }

    /**
     * Sets the temperature.
     *
     * @param value 0 takes the most probable token each time
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
     * @param value 0 for all
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
     * Makes a token less probable each time it comes.
     *
     * @param value 0 for not at all
     * @return this
     */
    public B frequencyPenalty(Double value) {
        own.frequencyPenalty(value);
        return self();
    }

    /**
     * Makes a token less probable once it was there.
     *
     * @param value 0 for not at all
     * @return this
     */
    public B presencePenalty(Double value) {
        own.presencePenalty(value);
        return self();
    }

    /**
     * Makes tokens that were there less probable, by a factor.
     *
     * @param value more than 0; 1 changes nothing
     * @return this
     */
    public B repeatPenalty(Double value) {
        own.repeatPenalty(value);
        return self();
    }

    /**
     * Limits an answer. Without a limit it may go on until the context is full.
     *
     * @param value tokens
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
     * Sets the seed, so that the same request gets the same answer.
     *
     * @param value null for another one each time
     * @return this
     */
    public B seed(Long value) {
        own.seed(value);
        return self();
    }

    /**
     * Sets the functions that the model may call.
     *
     * @param tools what they are named and take
     * @return this
     */
    public B toolSpecifications(List<ToolSpecification> tools) {
        own.toolSpecifications(tools);
        return self();
    }

    /**
     * Sets whether the model has to call a function.
     *
     * @param choice null for its own choice
     * @return this
     */
    public B toolChoice(ToolChoice choice) {
        own.toolChoice(choice);
        return self();
    }

    /**
     * Sets whether an answer may have several calls.
     *
     * @param value false for one at most
     * @return this
     */
    public B parallelToolCalls(Boolean value) {
        own.parallelToolCalls(value);
        return self();
    }

    /**
     * Sets the form of answers. The model can write nothing but JSON of the schema.
     *
     * @param format text, JSON, or JSON of a schema
     * @return this
     */
    public B responseFormat(ResponseFormat format) {
        own.responseFormat(format);
        return self();
    }

    /**
     * Sets whether the schema of the {@link #responseFormat} is also told to the model, with its descriptions, after the last
     * message of the user. The default is true: a model that knows what is wanted fills it better than one that is only held
     * to it.
     *
     * @param value false to leave messages as they are
     * @return this
     */
    public B schemaInPrompt(boolean value) {
        schemaInPrompt = value;
        return self();
    }

    /**
     * Sets whether a model that can think before it answers is to do so.
     *
     * @param value null for what its chat template does by itself
     * @return this
     */
    public B thinking(Boolean value) {
        own.thinking(value);
        return self();
    }

    /**
     * Ends the thoughts for the model after so many tokens.
     *
     * @param value 0 or more
     * @return this
     */
    public B maxThinkingTokens(Integer value) {
        own.maxThinkingTokens(value);
        return self();
    }

    /**
     * Sets who hears of requests, responses and errors.
     *
     * @param value called in this order
     * @return this
     */
    public B listeners(List<ChatModelListener> value) {
        listeners = List.copyOf(value);
        return self();
    }

    /**
     * Sets who hears of requests, responses and errors.
     *
     * @param value called in this order
     * @return this
     */
    public B listeners(ChatModelListener... value) {
        return listeners(List.of(value));
    }

    /**
     * Changes what LangChain4j has no name for: the chat template, the length of the context, adapters, what to do when the
     * context is full, and by {@link ChatOptions#generation} the other settings of the sampler.
     *
     * @param settings changes the options of each conversation; messages, tools and parameters are set after it
     * @return this
     */
    public B chatOptions(Consumer<ChatOptions> settings) {
        chatOptions = Objects.requireNonNull(settings, "chatOptions");
        return self();
    }

    /** The part that answers. Parameters are checked before a model is opened. */
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
