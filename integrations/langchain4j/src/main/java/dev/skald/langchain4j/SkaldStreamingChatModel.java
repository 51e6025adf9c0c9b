package dev.skald.langchain4j;

import static dev.langchain4j.internal.InternalStreamingChatResponseHandlerUtils.onCompleteResponse;
import static dev.langchain4j.internal.InternalStreamingChatResponseHandlerUtils.onCompleteToolCall;
import static dev.langchain4j.internal.InternalStreamingChatResponseHandlerUtils.onPartialResponse;
import static dev.langchain4j.internal.InternalStreamingChatResponseHandlerUtils.onPartialThinking;
import static dev.langchain4j.internal.InternalStreamingChatResponseHandlerUtils.onPartialToolCall;
import static dev.langchain4j.internal.InternalStreamingChatResponseHandlerUtils.withLoggingExceptions;

import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.PartialToolCall;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;
import dev.skald.runtime.generate.Generation;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;

/**
 * A chat model that runs within this program and answers token by token.
 *
 * <p>{@code chat} returns at once. The handler receives an answer on one thread of the {@linkplain Builder#executor
 * executor}, which also computes it, so a slow handler slows down only its own answer. Any number of answers may be
 * generated at the same time, and their tokens are computed together. An unsupported request is rejected before {@code
 * chat} returns, with the exceptions of {@link SkaldChatModel}; later failures go to {@code onError}.
 *
 * <p>After {@link StreamingHandle#cancel()}, the computation ends, and the handler receives nothing more.
 */
public class SkaldStreamingChatModel implements StreamingChatModel, AutoCloseable {
    private final Answering answering;
    private final Executor executor;
    private final ExecutorService owned;

    private SkaldStreamingChatModel(Builder builder) {
        answering = builder.answering();
        // These are not virtual threads, because a token is computed for a long time without a pause.
        owned = builder.executor != null
                ? null
                : Executors.newCachedThreadPool(
                        Thread.ofPlatform().daemon().name("skald-answer-", 0).factory());
        executor = owned == null ? builder.executor : owned;
    }

    @Override
    public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
        Request checked = answering.request(request);
        try {
            executor.execute(() -> answer(checked, handler));
        } catch (RejectedExecutionException e) {
            throw new IllegalStateException(
                    owned == null ? "the executor takes no more answers" : "the model is closed", e);
        }
    }

    private void answer(Request request, StreamingChatResponseHandler handler) {
        Handle handle = new Handle();
        ChatResponse response;
        try {
            response = answering.answer(request, new Told(handler, handle));
        } catch (CancellationException e) {
            if (!handle.isCancelled()) {
                withLoggingExceptions(() -> handler.onError(e));
            }
            return;
        } catch (Throwable e) {
            withLoggingExceptions(() -> handler.onError(e));
            return;
        }
        // The handle may have been cancelled with the last token.
        if (!handle.isCancelled()) {
            onCompleteResponse(handler, response);
        }
    }

    @Override
    public ChatRequestParameters defaultRequestParameters() {
        return answering.defaults();
    }

    @Override
    public List<ChatModelListener> listeners() {
        return answering.listeners();
    }

    @Override
    public Set<Capability> supportedCapabilities() {
        return Set.of(Capability.RESPONSE_FORMAT_JSON_SCHEMA);
    }

    /**
     * Cancels the answers that are being generated, unless they run on an executor of the program, and closes the model
     * if it was opened by its path.
     */
    @Override
    public void close() {
        if (owned != null) {
            owned.shutdownNow();
        }
        answering.close();
    }

    /** Passes the events of an answer to a handler. */
    private record Told(StreamingChatResponseHandler handler, Handle handle) implements Answering.Events {
        @Override
        public void begin(Generation answer) {
            handle.answer = answer;
        }

        @Override
        public boolean isOver() {
            return handle.isCancelled();
        }

        @Override
        public void text(String piece) {
            onPartialResponse(handler, piece, handle);
        }

        @Override
        public void thinking(String piece) {
            onPartialThinking(handler, piece, handle);
        }

        @Override
        public void partialCall(PartialToolCall piece) {
            onPartialToolCall(handler, piece, handle);
        }

        @Override
        public void completeCall(CompleteToolCall call) {
            onCompleteToolCall(handler, call);
        }
    }

    /** Cancels an answer, from any thread. */
    private static final class Handle implements StreamingHandle {
        private volatile boolean cancelled;
        private volatile Generation answer;

        @Override
        public void cancel() {
            cancelled = true;
            answer.cancel();
        }

        @Override
        public boolean isCancelled() {
            return cancelled;
        }
    }

    /**
     * Creates a builder.
     *
     * @return a builder without a model
     */
    public static Builder builder() {
        return new Builder();
    }

    /** Builds a {@link SkaldStreamingChatModel}. */
    public static final class Builder extends SkaldChatModelBuilder<Builder> {
        private Executor executor;

        private Builder() {}

        @Override
        Builder self() {
            return this;
        }

        /**
         * Sets the executor that computes answers. A fixed number of threads limits how many answers are generated at
         * the same time; the others wait. By default, each answer gets a thread at once.
         *
         * @param value the executor; its owner shuts it down
         * @return this
         */
        public Builder executor(Executor value) {
            executor = Objects.requireNonNull(value, "executor");
            return this;
        }

        /**
         * Builds the model, and opens it if a path was given.
         *
         * @return the model; close it when done
         * @throws java.io.UncheckedIOException if the file cannot be read
         * @throws IllegalArgumentException if no model or two models were set
         * @throws dev.langchain4j.exception.UnsupportedFeatureException if a default parameter needs a feature that
         *     Skald does not have
         * @throws dev.langchain4j.exception.InvalidRequestException if a default parameter is out of range
         */
        public SkaldStreamingChatModel build() {
            return new SkaldStreamingChatModel(this);
        }
    }
}
