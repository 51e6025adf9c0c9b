package dev.skald.langchain4j;

import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import java.util.List;
import java.util.Set;

/**
 * A model that answers in this program.
 *
 * {@snippet :
 * try (SkaldChatModel model = SkaldChatModel.builder().modelPath(Path.of("model.gguf")).build()) {
 *     System.out.println(model.chat("Hva er hovedstaden i Norge?"));
 * }
 * }
 *
 * <p>The answer is computed on the calling thread; interrupting it cancels the answer, with a {@link
 * java.util.concurrent.CancellationException}. Any number of threads may ask at the same time, and their tokens are computed
 * together. A parameter that Skald does not have ends in an {@link dev.langchain4j.exception.UnsupportedFeatureException}; a
 * value out of range, or a conversation that does not fit into the context, in an {@link
 * dev.langchain4j.exception.InvalidRequestException}.
 */
public class SkaldChatModel implements ChatModel, AutoCloseable {
    private final Answering answering;

    private SkaldChatModel(Builder builder) {
        answering = builder.answering();
    }

    @Override
    public ChatResponse doChat(ChatRequest request) {
        return answering.answer(answering.request(request), Answering.Events.NONE);
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

    /** Closes the model if it was opened by its path; answers that are being generated are cancelled then. */
    @Override
    public void close() {
        answering.close();
    }

    /**
     * Creates a builder.
     *
     * @return a builder without a model
     */
    public static Builder builder() {
        return new Builder();
    }

    /** Builds a {@link SkaldChatModel}. */
    public static final class Builder extends SkaldChatModelBuilder<Builder> {
        private Builder() {}

        @Override
        Builder self() {
            return this;
        }

        /**
         * Builds the model, and opens it if a path was given.
         *
         * @return the model; close it when done
         * @throws java.io.UncheckedIOException if the file cannot be read
         * @throws IllegalArgumentException if there is no model, or two
         * @throws dev.langchain4j.exception.UnsupportedFeatureException if a default parameter asks for what Skald does not do
         * @throws dev.langchain4j.exception.InvalidRequestException if a default parameter is out of range
         */
        public SkaldChatModel build() {
            return new SkaldChatModel(this);
        }
    }
}
