package dev.skald.langchain4j;

import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.internal.Json;
import dev.langchain4j.internal.JsonSchemaElementUtils;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.json.JsonSchemaElement;
import dev.skald.runtime.chat.ChatOptions;
import dev.skald.runtime.chat.Message;
import dev.skald.runtime.chat.ToolChoice;
import dev.skald.runtime.chat.ToolDefinition;
import dev.skald.runtime.generate.GenerationOptions;
import dev.skald.runtime.grammar.Grammar;
import dev.skald.runtime.grammar.JsonStyle;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/** A request in Skald's terms. Every LangChain4j parameter is either set or rejected. */
final class Request {
    private final List<Message> messages;
    private final List<ToolDefinition> tools;
    private final SkaldChatRequestParameters parameters;
    private final Grammar format;

    private Request(
            List<Message> messages, List<ToolDefinition> tools, SkaldChatRequestParameters parameters, Grammar format) {
        this.messages = messages;
        this.tools = tools;
        this.parameters = parameters;
        this.format = format;
    }

    /**
     * Reads a request.
     *
     * @param name the name of the model
     * @param schemaInPrompt whether the prompt contains the schema that the answer must match
     * @throws UnsupportedFeatureException if the request needs a feature that Skald does not have
     * @throws InvalidRequestException if a value is out of range
     */
    static Request of(ChatRequest request, String name, boolean schemaInPrompt) {
        SkaldChatRequestParameters parameters = SkaldChatRequestParameters.builder()
                .overrideWith(request.parameters())
                .build();
        checkName(parameters, name);
        check(parameters);
        List<Message> messages = new ArrayList<>(Messages.of(request.messages()));
        Grammar format = null;
        // An answer that must be a call has no other format.
        if (parameters.toolChoice() != dev.langchain4j.model.chat.request.ToolChoice.REQUIRED) {
            format = grammar(parameters.responseFormat());
            JsonSchemaElement schema = schema(parameters.responseFormat());
            if (schema != null && schemaInPrompt) {
                Messages.askFor(json(schema), messages);
            }
        }
        return new Request(List.copyOf(messages), definitions(parameters), parameters, format);
    }

    /** Rejects values that are invalid in any request. */
    static void check(SkaldChatRequestParameters parameters) {
        GenerationOptions scratch = new GenerationOptions(recommended -> {});
        try {
            set(parameters, scratch);
            scratch.sampler();
        } catch (IllegalArgumentException e) {
            throw new InvalidRequestException(e.getMessage(), e);
        }
        Integer thinking = parameters.maxThinkingTokens();
        if (thinking != null && thinking < 0) {
            throw new InvalidRequestException("maxThinkingTokens=" + thinking + " is less than 0");
        }
        if (parameters.toolChoice() == dev.langchain4j.model.chat.request.ToolChoice.REQUIRED
                && parameters.toolSpecifications().isEmpty()) {
            throw new InvalidRequestException("toolChoice REQUIRED needs a tool, and there is none");
        }
        grammar(parameters.responseFormat());
    }

    /** Rejects the name of another model. */
    static void checkName(ChatRequestParameters parameters, String name) {
        if (parameters.modelName() != null && !parameters.modelName().equals(name)) {
            throw new UnsupportedFeatureException("modelName '" + parameters.modelName()
                    + "': Skald does not support another model than the one it was built with, which is '" + name
                    + "'; build another SkaldChatModel for it");
        }
    }

    private static List<ToolDefinition> definitions(ChatRequestParameters parameters) {
        List<ToolDefinition> definitions = new ArrayList<>();
        for (ToolSpecification tool : parameters.toolSpecifications()) {
            Map<String, Object> schema = tool.parameters() == null
                    ? Map.of("type", "object", "properties", Map.of())
                    : JsonSchemaElementUtils.toMap(tool.parameters());
            definitions.add(
                    new ToolDefinition(tool.name(), tool.description() == null ? "" : tool.description(), schema));
        }
        return definitions;
    }

    private static JsonSchemaElement schema(ResponseFormat format) {
        return format == null || format.jsonSchema() == null
                ? null
                : format.jsonSchema().rootElement();
    }

    private static Grammar grammar(ResponseFormat format) {
        if (format == null || format.type() != ResponseFormatType.JSON) {
            return null;
        }
        JsonSchemaElement schema = schema(format);
        try {
            return Grammar.jsonSchema(schema == null ? "{\"type\": \"object\"}" : json(schema), JsonStyle.COMPACT);
        } catch (IllegalArgumentException e) {
            throw Failures.of(e);
        }
    }

    private static String json(JsonSchemaElement schema) {
        return Json.toJson(JsonSchemaElementUtils.toMap(schema));
    }

    /** Sets the conversation and its functions. */
    void set(ChatOptions options) {
        options.messages(messages);
        if (!tools.isEmpty()) {
            options.tools(tools).toolChoice(choice());
            ifSet(parameters.parallelToolCalls(), options::parallelToolCalls);
        }
        ifSet(parameters.thinking(), options::thinking);
        ifSet(parameters.maxThinkingTokens(), options::maxThinkingTokens);
    }

    private ToolChoice choice() {
        return switch (parameters.toolChoice()) {
            case REQUIRED -> ToolChoice.REQUIRED;
            case NONE -> ToolChoice.NONE;
            case AUTO -> ToolChoice.AUTO;
            case null -> ToolChoice.AUTO;
        };
    }

    /** Sets the sampling settings and the constraint on the answer. */
    void set(GenerationOptions options) {
        set(parameters, options);
        if (format != null) {
            options.constraint(format);
        }
    }

    private static void set(SkaldChatRequestParameters parameters, GenerationOptions options) {
        ifSet(parameters.temperature(), Double::floatValue, options::temperature);
        ifSet(parameters.topP(), Double::floatValue, options::topP);
        ifSet(parameters.topK(), options::topK);
        ifSet(parameters.minP(), Double::floatValue, options::minP);
        ifSet(parameters.seed(), options::seed);
        ifSet(parameters.maxOutputTokens(), options::maxTokens);
        options.sampler(sampler -> {
            ifSet(parameters.frequencyPenalty(), Double::floatValue, sampler::frequencyPenalty);
            ifSet(parameters.presencePenalty(), Double::floatValue, sampler::presencePenalty);
            ifSet(parameters.repeatPenalty(), Double::floatValue, sampler::repeatPenalty);
        });
        options.stop(parameters.stopSequences().toArray(String[]::new));
    }

    private static <T> void ifSet(T value, Consumer<T> setter) {
        ifSet(value, Function.identity(), setter);
    }

    private static <T, U> void ifSet(T value, Function<T, U> converted, Consumer<U> setter) {
        if (value != null) {
            setter.accept(converted.apply(value));
        }
    }
}
