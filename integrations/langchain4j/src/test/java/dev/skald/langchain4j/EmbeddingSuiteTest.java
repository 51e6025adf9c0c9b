package dev.skald.langchain4j;

import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.common.AbstractEmbeddingModelIT;
import dev.langchain4j.model.embedding.listener.EmbeddingModelListener;
import dev.skald.runtime.embed.Pooling;
import dev.skald.runtime.embed.Prompts;
import java.util.List;

/** The bundled model was not trained to embed, but has vectors, and may be given prefixes. */
class EmbeddingSuiteTest extends AbstractEmbeddingModelIT {
    private static SkaldEmbeddingModel.Builder builder() {
        return SkaldEmbeddingModel.builder()
                .model(Tiny.MODEL)
                .embedderOptions(o -> o.pooling(Pooling.MEAN).prompts(Prompts.named("e5")));
    }

    @Override
    protected List<EmbeddingModel> models() {
        return List.of(builder().build());
    }

    @Override
    protected EmbeddingModel modelWith(EmbeddingModelListener listener) {
        return builder().listeners(List.of(listener)).build();
    }

    /** It refuses texts that are too long. */
    @Override
    protected EmbeddingModel failingModelWith(EmbeddingModelListener listener) {
        return builder()
                .embedderOptions(o -> o.pooling(Pooling.MEAN).maxTokens(3).truncate(false))
                .listeners(List.of(listener))
                .build();
    }

    @Override
    protected int dimensionsParameter() {
        return 64;
    }

    @Override
    protected boolean supportsImageInput() {
        return false;
    }
}
