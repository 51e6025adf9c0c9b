package dev.skald.server.serving;

import dev.skald.runtime.embed.Embedder;
import dev.skald.runtime.embed.EmbedderOptions;
import dev.skald.runtime.embed.Embedding;
import dev.skald.runtime.embed.Reranker.Score;
import dev.skald.runtime.error.ContextOverflowException;
import dev.skald.runtime.error.UnsupportedModelException;
import dev.skald.server.http.ApiError;
import dev.skald.server.log.RequestRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import java.util.function.Function;

/** Embeds and ranks texts in one of the model's slots. */
public final class Vectors {
    private Vectors() {}

    /**
     * Embeds texts.
     *
     * @param embed the work to do with the embedder
     * @throws ApiError if the model cannot embed, or if a text is too long
     */
    public static List<Embedding> embed(
            ServedModel served,
            Consumer<EmbedderOptions> settings,
            Function<Embedder, List<Embedding>> embed,
            RequestRecord.Builder log) {
        log.model(served.name());
        List<Embedding> made = new ArrayList<>();
        served.slots()
                .run(slot -> told(() -> made.addAll(embed.apply(served.model().newEmbedder(options -> {
                    served.pooling().ifPresent(options::pooling);
                    settings.accept(options);
                })))));
        log.tokens(made.stream().mapToInt(Embedding::tokens).sum(), 0, 0);
        return made;
    }

    /**
     * Ranks documents, best first.
     *
     * @param most the maximum number of documents to return
     * @throws ApiError if the model cannot rank, or if a text is too long
     */
    public static List<Score> rank(
            ServedModel served, String query, List<String> documents, int most, RequestRecord.Builder log) {
        log.model(served.name());
        List<Score> scores = new ArrayList<>();
        served.slots()
                .run(slot ->
                        told(() -> scores.addAll(served.model().newReranker().rank(query, documents, most))));
        return scores;
    }

    private static void told(Runnable work) {
        try {
            work.run();
        } catch (ContextOverflowException e) {
            throw ApiError.coded(ApiError.Kind.BAD_REQUEST, "context_length_exceeded", e.getMessage());
        } catch (UnsupportedModelException e) {
            throw ApiError.badRequest("model", e.getMessage());
        } catch (IllegalArgumentException e) {
            throw ApiError.of(ApiError.Kind.BAD_REQUEST, e.getMessage());
        } catch (CancellationException e) {
            throw Slots.ending();
        }
    }
}
