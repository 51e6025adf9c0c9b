package dev.skald.langchain4j;

import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.model.scoring.ScoringModel;
import dev.skald.runtime.embed.EmbedderOptions;
import dev.skald.runtime.embed.Reranker;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * A model that runs within this program and scores how well texts answer a question, for LangChain4j's re-ranking. It
 * must have been trained for that. Larger scores are better; depending on the model, they are logits or probabilities.
 *
 * <p>Any number of threads may use it at the same time.
 */
public class SkaldScoringModel implements ScoringModel, AutoCloseable {
    private final Source source;
    private final Reranker reranker;

    private SkaldScoringModel(Builder builder) {
        source = builder.source();
        try {
            reranker = source.model().newReranker(builder.options);
        } catch (RuntimeException e) {
            source.close();
            throw Failures.of(e);
        }
    }

    @Override
    public Response<List<Double>> scoreAll(List<TextSegment> segments, String query) {
        List<String> texts = segments.stream().map(TextSegment::text).toList();
        try {
            return Response.from(reranker.scores(query, texts).stream()
                    .map(score -> (double) score.score())
                    .toList());
        } catch (RuntimeException e) {
            throw Failures.of(e);
        }
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

    /** Builds a {@link SkaldScoringModel}. */
    public static final class Builder extends SkaldModelBuilder<Builder> {
        private Consumer<EmbedderOptions> options = all -> {};

        private Builder() {}

        @Override
        Builder self() {
            return this;
        }

        /**
         * Changes how texts are read, such as the treatment of texts that are too long.
         *
         * @param settings changes the default options
         * @return this
         */
        public Builder embedderOptions(Consumer<EmbedderOptions> settings) {
            options = Objects.requireNonNull(settings, "embedderOptions");
            return this;
        }

        /**
         * Builds the model, and opens it if a path was given.
         *
         * @return the model; close it when done
         * @throws java.io.UncheckedIOException if the file cannot be read
         * @throws IllegalArgumentException if no model or two models were set
         * @throws dev.langchain4j.exception.UnsupportedFeatureException if the model was not trained to rank
         */
        public SkaldScoringModel build() {
            return new SkaldScoringModel(this);
        }
    }
}
