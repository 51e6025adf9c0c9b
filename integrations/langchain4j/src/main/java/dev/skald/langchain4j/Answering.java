package dev.skald.langchain4j;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.PartialToolCall;
import dev.langchain4j.model.output.FinishReason;
import dev.skald.runtime.chat.Answer;
import dev.skald.runtime.chat.Chat;
import dev.skald.runtime.chat.ChatOptions;
import dev.skald.runtime.generate.Generation;
import dev.skald.runtime.generate.GenerationResult;
import dev.skald.runtime.generate.Token;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;

/**
 * Answers requests, each in a conversation of its own. The model's prefix cache computes the common beginning of
 * several conversations once.
 *
 * @param source the model
 * @param defaults the parameters for requests that do not set them
 * @param listeners the listeners for requests
 * @param chatOptions the settings of each conversation
 * @param schemaInPrompt whether the prompt contains the schema that the answer must match
 */
record Answering(
        Source source,
        SkaldChatRequestParameters defaults,
        List<ChatModelListener> listeners,
        Consumer<ChatOptions> chatOptions,
        boolean schemaInPrompt)
        implements AutoCloseable {

    /** Receives an answer while it is generated, on the thread that generates it. */
    interface Events {
        /** Ignores all events. */
        Events NONE = new Events() {};

        /** Called when the answer begins. From now on, it can be cancelled. */
        default void begin(Generation answer) {}

        /** Returns whether no more events are wanted. */
        default boolean isOver() {
            return false;
        }

        default void text(String piece) {}

        default void thinking(String piece) {}

        default void partialCall(PartialToolCall piece) {}

        default void completeCall(CompleteToolCall call) {}
    }

    Request request(ChatRequest request) {
        return Request.of(request, source.name(), schemaInPrompt);
    }

    /**
     * Answers a request.
     *
     * @throws CancellationException if the answer is cancelled or the thread is interrupted
     */
    ChatResponse answer(Request request, Events events) {
        try (Chat chat = source.model().newChat(options -> {
                    chatOptions.accept(options);
                    request.set(options);
                });
                Answer answer = chat.send(List.of(), request::set)) {
            events.begin(answer);
            StringBuilder text = new StringBuilder();
            StringBuilder thinking = new StringBuilder();
            Calls calls = new Calls(answer, events);
            for (Token token : answer) {
                thinking.append(token.reasoning());
                if (!token.reasoning().isEmpty() && !events.isOver()) {
                    events.thinking(token.reasoning());
                }
                text.append(token.text());
                if (!token.text().isEmpty() && !events.isOver()) {
                    events.text(token.text());
                }
                calls.take();
            }
            GenerationResult result = answer.result();
            if (result.reason() == dev.skald.runtime.generate.FinishReason.CANCELLED) {
                throw new CancellationException(
                        "the answer was cancelled after " + result.generatedTokens() + " tokens");
            }
            return response(text.toString(), thinking.toString(), calls, result);
        } catch (CancellationException e) {
            throw e;
        } catch (RuntimeException e) {
            throw Failures.of(e);
        }
    }

    private ChatResponse response(String text, String thinking, Calls calls, GenerationResult result) {
        boolean called = !calls.complete().isEmpty();
        AiMessage message = AiMessage.builder()
                .text(text.isEmpty() && called ? null : text)
                .thinking(thinking.isEmpty() ? null : thinking)
                .toolExecutionRequests(calls.complete())
                .build();
        int input = result.promptTokens() + result.cachedTokens();
        SkaldChatResponseMetadata metadata = SkaldChatResponseMetadata.builder()
                .generationResult(result)
                .id("chatcmpl-" + UUID.randomUUID())
                .modelName(source.name())
                .tokenUsage(new SkaldTokenUsage(input, result.generatedTokens(), result.cachedTokens()))
                .finishReason(called ? FinishReason.TOOL_EXECUTION : reason(result.reason()))
                .build();
        return ChatResponse.builder().aiMessage(message).metadata(metadata).build();
    }

    private static FinishReason reason(dev.skald.runtime.generate.FinishReason reason) {
        return switch (reason) {
            case END, STOP -> FinishReason.STOP;
            case MAX_TOKENS, CONTEXT_FULL -> FinishReason.LENGTH;
            case CANCELLED -> FinishReason.OTHER;
        };
    }

    @Override
    public void close() {
        source.close();
    }
}
