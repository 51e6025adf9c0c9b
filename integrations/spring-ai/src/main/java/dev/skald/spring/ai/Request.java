package dev.skald.spring.ai;

import dev.skald.runtime.chat.ChatOptions;
import dev.skald.runtime.chat.Message;
import dev.skald.runtime.chat.ToolCall;
import dev.skald.runtime.chat.ToolDefinition;
import dev.skald.runtime.generate.GenerationOptions;
import dev.skald.runtime.grammar.Grammar;
import dev.skald.runtime.grammar.JsonStyle;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.messages.ToolResponseMessage;
import org.springframework.ai.chat.messages.UserMessage;
import org.springframework.ai.content.MediaContent;

/** A prompt in Skald's terms. */
final class Request {
    /** The message property that contains thoughts. */
    static final String THINKING = "thinking";

    private final List<Message> messages;
    private final List<ToolDefinition> tools;
    private final SkaldChatOptions options;
    private final Grammar format;

    /**
     * Reads a prompt.
     *
     * @throws IllegalArgumentException if the prompt needs a feature that Skald does not have
     */
    Request(List<org.springframework.ai.chat.messages.Message> messages, SkaldChatOptions options, String model) {
        if (options.getModel() != null && !options.getModel().equals(model)) {
            throw new IllegalArgumentException(
                    "the option model is '" + options.getModel() + "', and this chat model is '" + model
                            + "': a SkaldChatModel cannot become another; build one for it");
        }
        this.options = options;
        this.messages =
                new ArrayList<>(messages.stream().flatMap(Request::messages).toList());
        tools = options.getToolCallbacks() == null
                ? List.of()
                : options.getToolCallbacks().stream()
                        .map(tool -> tool.getToolDefinition())
                        .map(tool -> ToolDefinition.of(
                                tool.name(), tool.description() == null ? "" : tool.description(), tool.inputSchema()))
                        .toList();
        String schema = options.getOutputSchema();
        format = schema == null || isCall() ? null : Grammar.jsonSchema(schema, JsonStyle.COMPACT);
        if (format != null && !Boolean.FALSE.equals(options.getSchemaInPrompt())) {
            askFor(schema);
        }
    }

    /** Returns whether the answer must be a call, which has a form of its own. */
    private boolean isCall() {
        return options.getToolChoice() != null
                && switch (options.getToolChoice().mode()) {
                    case REQUIRED, NAMED -> true;
                    case AUTO, NONE -> false;
                };
    }

    private static Stream<Message> messages(org.springframework.ai.chat.messages.Message message) {
        if (message instanceof MediaContent content && !content.getMedia().isEmpty()) {
            throw new IllegalArgumentException("a message has media ("
                    + content.getMedia().getFirst().getMimeType() + "), and Skald's models read text only");
        }
        String text = message.getText() == null ? "" : message.getText();
        return switch (message) {
            case UserMessage _ -> Stream.of(Message.user(text));
            case AssistantMessage answer ->
                Stream.of(new Message.Assistant(
                        text,
                        Optional.ofNullable(answer.getMetadata().get(THINKING)).map(Object::toString),
                        answer.getToolCalls().stream()
                                .map(call -> ToolCall.of(
                                        call.id(), call.name(), call.arguments().isBlank() ? "{}" : call.arguments()))
                                .toList()));
            case ToolResponseMessage results ->
                results.getResponses().stream()
                        .map(result -> new Message.Tool(result.id(), result.name(), result.responseData()));
            default -> Stream.of(Message.system(text));
        };
    }

    private void askFor(String schema) {
        for (int i = messages.size() - 1; i >= 0; i--) {
            if (messages.get(i) instanceof Message.User user) {
                messages.set(i, Message.user(user.content() + "\n\nAnswer with JSON that fits this schema: " + schema));
                return;
            }
        }
    }

    /** Sets the conversation and its functions. */
    void set(ChatOptions chat) {
        chat.messages(messages);
        if (!tools.isEmpty()) {
            chat.tools(tools);
            ifSet(options.getToolChoice(), chat::toolChoice);
            ifSet(options.getParallelToolCalls(), chat::parallelToolCalls);
        }
        ifSet(options.getThinking(), chat::thinking);
        ifSet(options.getMaxThinkingTokens(), chat::maxThinkingTokens);
    }

    /** Sets the sampling settings and the constraint on the answer. */
    void set(GenerationOptions generation) {
        ifSet(options.getTemperature(), Double::floatValue, generation::temperature);
        ifSet(options.getTopP(), Double::floatValue, generation::topP);
        ifSet(options.getTopK(), generation::topK);
        ifSet(options.getMinP(), Double::floatValue, generation::minP);
        ifSet(options.getSeed(), generation::seed);
        ifSet(options.getMaxTokens(), generation::maxTokens);
        generation.sampler(sampler -> {
            ifSet(options.getFrequencyPenalty(), Double::floatValue, sampler::frequencyPenalty);
            ifSet(options.getPresencePenalty(), Double::floatValue, sampler::presencePenalty);
            ifSet(options.getRepeatPenalty(), Double::floatValue, sampler::repeatPenalty);
        });
        ifSet(options.getStopSequences(), texts -> generation.stop(texts.toArray(String[]::new)));
        ifSet(format, generation::constraint);
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
