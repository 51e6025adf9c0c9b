package dev.skald.langchain4j;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.message.Content;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.listener.EmbeddingModelListener;
import dev.langchain4j.model.embedding.request.EmbeddingInput;
import dev.langchain4j.model.embedding.request.EmbeddingInputType;
import dev.langchain4j.model.embedding.request.EmbeddingParameter;
import dev.langchain4j.model.embedding.request.EmbeddingRequest;
import dev.langchain4j.model.embedding.request.EmbeddingRequestParameters;
import dev.langchain4j.model.embedding.response.EmbeddingResponse;
import dev.langchain4j.model.embedding.response.EmbeddingResponseMetadata;
import dev.langchain4j.model.output.TokenUsage;
import dev.skald.runtime.embed.Embedder;
import dev.skald.runtime.embed.EmbedderOptions;
import dev.skald.runtime.embed.Prompts;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;

/**
 * An embedding model that runs within this program.
 *
 * <p>Many models expect different prefixes for questions and for texts to find. A request specifies which it is by its
 * input type, {@link EmbeddingInputType#QUERY} or {@link EmbeddingInputType#DOCUMENT}; {@link Builder#inputType} sets
 * the type for requests without one, such as those of LangChain4j's stores and retrievers. Without either, a text is
 * embedded as it is.
 *
 * <p>Any number of threads may use it at the same time.
 */
public class SkaldEmbeddingModel implements EmbeddingModel, AutoCloseable {
    private final Source source;
    private final Embedder embedder;
    private final Consumer<EmbedderOptions> options;
    private final EmbeddingRequestParameters defaults;
    private final List<EmbeddingModelListener> listeners;

    private SkaldEmbeddingModel(Builder builder) {
        source = builder.source();
        options = builder.options;
        defaults = EmbeddingRequestParameters.builder()
                .inputType(builder.inputType)
                .dimensions(builder.dimensions)
                .build();
        listeners = builder.listeners;
        try {
            embedder = embedder(builder.dimensions);
        } catch (RuntimeException e) {
            source.close();
            throw e;
        }
    }

    private Embedder embedder(Integer dimensions) {
        try {
            return source.model().newEmbedder(all -> {
                options.accept(all);
                if (dimensions != null) {
                    all.dimensions(dimensions);
                }
            });
        } catch (RuntimeException e) {
            throw Failures.of(e);
        }
    }

    @Override
    public EmbeddingResponse doEmbed(EmbeddingRequest request) {
        if (request.modelName() != null && !request.modelName().equals(source.name())) {
            throw new UnsupportedFeatureException("modelName '" + request.modelName()
                    + "': Skald does not support another model than the one it was built with, which is '"
                    + source.name() + "'");
        }
        Embedder used =
                Objects.equals(request.dimensions(), defaults.dimensions()) ? embedder : embedder(request.dimensions());
        String prefix = prefix(request.inputType(), used.prompts());
        List<String> texts =
                request.inputs().stream().map(input -> prefix + text(input)).toList();
        List<dev.skald.runtime.embed.Embedding> vectors;
        try {
            vectors = used.embed(texts);
        } catch (RuntimeException e) {
            throw Failures.of(e);
        }
        int tokens = vectors.stream()
                .mapToInt(dev.skald.runtime.embed.Embedding::tokens)
                .sum();
        return EmbeddingResponse.builder()
                .embeddings(vectors.stream()
                        .map(one -> Embedding.from(one.vector()))
                        .toList())
                .metadata(EmbeddingResponseMetadata.builder()
                        .modelName(source.name())
                        .tokenUsage(new TokenUsage(tokens))
                        .build())
                .build();
    }

    private static String prefix(EmbeddingInputType type, Prompts prompts) {
        return switch (type) {
            case QUERY -> prompts.query();
            case DOCUMENT -> prompts.document();
            case null -> "";
        };
    }

    private static String text(EmbeddingInput input) {
        StringBuilder text = new StringBuilder();
        for (Content content : input.contents()) {
            // LangChain4j has rejected all content types that supportedContentTypes does not name.
            text.append(text.isEmpty() ? "" : "\n").append(((TextContent) content).text());
        }
        return text.toString();
    }

    @Override
    public EmbeddingRequestParameters defaultRequestParameters() {
        return defaults;
    }

    @Override
    public Set<EmbeddingParameter<?>> supportedParameters() {
        return Set.of(
                EmbeddingRequestParameters.MODEL_NAME,
                EmbeddingRequestParameters.INPUT_TYPE,
                EmbeddingRequestParameters.DIMENSIONS);
    }

    @Override
    public List<EmbeddingModelListener> listeners() {
        return listeners;
    }

    @Override
    public int dimension() {
        return embedder.dimensions();
    }

    @Override
    public String modelName() {
        return source.name();
    }

    /** Closes the model if it was opened by its path. */
    @Override
    public void close() {
        source.close();
    }

    /**
     * Creates a builder.
     *
     * @return a builder without a model
     */
    public static Builder builder() {
        return new Builder();
    }

    /** Builds a {@link SkaldEmbeddingModel}. */
    public static final class Builder extends SkaldModelBuilder<Builder> {
        private Consumer<EmbedderOptions> options = all -> {};
        private EmbeddingInputType inputType;
        private Integer dimensions;
        private List<EmbeddingModelListener> listeners = List.of();

        private Builder() {}

        @Override
        Builder self() {
            return this;
        }

        /**
         * Sets the input type for requests without one.
         *
         * @param type query or document; null for neither
         * @return this
         */
        public Builder inputType(EmbeddingInputType type) {
            inputType = type;
            return this;
        }

        /**
         * Sets how many leading values of a vector to keep, for models that were trained for this.
         *
         * @param count at least 1; null for all
         * @return this
         */
        public Builder dimensions(Integer count) {
            dimensions = count;
            return this;
        }

        /**
         * Changes how texts are embedded: pooling, prefixes, the treatment of texts that are too long.
         *
         * @param settings changes the default options
         * @return this
         */
        public Builder embedderOptions(Consumer<EmbedderOptions> settings) {
            options = Objects.requireNonNull(settings, "embedderOptions");
            return this;
        }

        /**
         * Sets the listeners for requests, responses and errors.
         *
         * @param value the listeners, called in this order
         * @return this
         */
        public Builder listeners(List<EmbeddingModelListener> value) {
            listeners = List.copyOf(value);
            return this;
        }

        /**
         * Builds the model, and opens it if a path was given.
         *
         * @return the model; close it when done
         * @throws java.io.UncheckedIOException if the file cannot be read
         * @throws IllegalArgumentException if no model or two models were set
         * @throws UnsupportedFeatureException if neither the file nor the options specify the pooling
         */
        public SkaldEmbeddingModel build() {
            return new SkaldEmbeddingModel(this);
        }
    }
}
