package dev.skald.spring.ai;

import dev.skald.runtime.Model;
import dev.skald.runtime.embed.Embedder;
import dev.skald.runtime.embed.EmbedderOptions;
import io.micrometer.observation.ObservationRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.document.Document;
import org.springframework.ai.embedding.BatchingStrategy;
import org.springframework.ai.embedding.Embedding;
import org.springframework.ai.embedding.EmbeddingModel;
import org.springframework.ai.embedding.EmbeddingOptions;
import org.springframework.ai.embedding.EmbeddingRequest;
import org.springframework.ai.embedding.EmbeddingResponse;
import org.springframework.ai.embedding.EmbeddingResponseMetadata;
import org.springframework.ai.embedding.observation.DefaultEmbeddingModelObservationConvention;
import org.springframework.ai.embedding.observation.EmbeddingModelObservationContext;
import org.springframework.ai.embedding.observation.EmbeddingModelObservationConvention;
import org.springframework.ai.embedding.observation.EmbeddingModelObservationDocumentation;

/**
 * An embedding model that runs within this program. Any number of threads may use it at the same time.
 *
 * <p>Many models expect different prefixes for questions and for documents. {@link #embed(Document)} and {@link
 * #embed(List, EmbeddingOptions, BatchingStrategy)}, with which vector stores add documents, use the prefix for
 * documents. {@link #embed(String)}, with which they search, uses the prefix for queries. {@link #call} embeds texts as
 * they are.
 */
public class SkaldEmbeddingModel implements EmbeddingModel {
    private static final EmbeddingModelObservationConvention DEFAULT_CONVENTION =
            new DefaultEmbeddingModelObservationConvention();

    private final Model model;
    private final String name;
    private final Consumer<EmbedderOptions> options;
    private final Embedder embedder;
    private final ObservationRegistry observations;
    private final EmbeddingModelObservationConvention convention;

    private SkaldEmbeddingModel(Builder builder) {
        model = Objects.requireNonNull(builder.model, "no model: set model(...)");
        String file = String.valueOf(model.metadata().path().getFileName());
        name = model.metadata().getString("general.name", file);
        options = builder.options;
        embedder = model.newEmbedder(options);
        observations = builder.observations;
        convention = builder.convention;
    }

    @Override
    public EmbeddingResponse call(EmbeddingRequest request) {
        EmbeddingOptions asked =
                request.getOptions() == null ? EmbeddingOptions.builder().build() : request.getOptions();
        if (asked.getModel() != null && !asked.getModel().equals(name)) {
            throw new IllegalArgumentException("the option model is '" + asked.getModel()
                    + "', and this embedding model is '" + name + "': it cannot become another");
        }
        EmbeddingRequest named = new EmbeddingRequest(
                request.getInstructions(),
                EmbeddingOptions.builder()
                        .model(name)
                        .dimensions(asked.getDimensions())
                        .build());
        EmbeddingModelObservationContext context = EmbeddingModelObservationContext.builder()
                .embeddingRequest(named)
                .provider(SkaldChatModel.PROVIDER)
                .build();
        return EmbeddingModelObservationDocumentation.EMBEDDING_MODEL_OPERATION
                .observation(convention, DEFAULT_CONVENTION, () -> context, observations)
                .observe(() -> {
                    EmbeddingResponse response = compute(named);
                    context.setResponse(response);
                    return response;
                });
    }

    private EmbeddingResponse compute(EmbeddingRequest request) {
        Integer dimensions = request.getOptions().getDimensions();
        Embedder used = dimensions == null
                ? embedder
                : model.newEmbedder(all -> {
                    options.accept(all);
                    all.dimensions(dimensions);
                });
        List<Embedding> embeddings = new ArrayList<>();
        int tokens = 0;
        for (dev.skald.runtime.embed.Embedding one : used.embed(request.getInstructions())) {
            embeddings.add(new Embedding(one.vector(), embeddings.size()));
            tokens += one.tokens();
        }
        return new EmbeddingResponse(embeddings, new EmbeddingResponseMetadata(name, new DefaultUsage(tokens, 0)));
    }

    private String asDocument(Document document) {
        return embedder.prompts().document() + Objects.requireNonNullElse(getEmbeddingContent(document), "");
    }

    @Override
    public float[] embed(Document document) {
        return embed(List.of(asDocument(document))).getFirst();
    }

    @Override
    public float[] embed(String text) {
        return embed(List.of(embedder.prompts().query() + text)).getFirst();
    }

    @Override
    public List<float[]> embed(List<Document> documents, EmbeddingOptions settings, BatchingStrategy strategy) {
        List<float[]> vectors = new ArrayList<>();
        for (List<Document> batch : strategy.batch(documents)) {
            List<String> texts = batch.stream().map(this::asDocument).toList();
            call(new EmbeddingRequest(texts, settings)).getResults().forEach(result -> vectors.add(result.getOutput()));
        }
        return vectors;
    }

    @Override
    public int dimensions() {
        return embedder.dimensions();
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
    public static final class Builder {
        private Model model;
        private Consumer<EmbedderOptions> options = all -> {};
        private ObservationRegistry observations = ObservationRegistry.NOOP;
        private EmbeddingModelObservationConvention convention;

        private Builder() {}

        /**
         * Sets the model, which others may use at the same time.
         *
         * @param value the model; its owner closes it
         * @return this
         */
        public Builder model(Model value) {
            model = value;
            return this;
        }

        /**
         * Changes how texts are embedded: pooling, prefixes, dimensions, the treatment of texts that are too long.
         *
         * @param settings changes the default options
         * @return this
         */
        public Builder embedderOptions(Consumer<EmbedderOptions> settings) {
            options = Objects.requireNonNull(settings, "embedderOptions");
            return this;
        }

        /**
         * Sets the registry that observes requests.
         *
         * @param value the registry; by default none
         * @return this
         */
        public Builder observationRegistry(ObservationRegistry value) {
            observations = Objects.requireNonNull(value, "observationRegistry");
            return this;
        }

        /**
         * Sets the names and the content of observations.
         *
         * @param value the convention; null for Spring AI's default
         * @return this
         */
        public Builder observationConvention(EmbeddingModelObservationConvention value) {
            convention = value;
            return this;
        }

        /**
         * Builds the embedding model.
         *
         * @return the embedding model
         * @throws dev.skald.runtime.error.UnsupportedModelException if neither the file nor the options specify the
         *     pooling
         */
        public SkaldEmbeddingModel build() {
            return new SkaldEmbeddingModel(this);
        }
    }
}
