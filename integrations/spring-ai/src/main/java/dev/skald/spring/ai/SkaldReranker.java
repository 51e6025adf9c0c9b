package dev.skald.spring.ai;

import dev.skald.runtime.Model;
import dev.skald.runtime.embed.Reranker;
import java.util.List;
import org.springframework.ai.document.Document;
import org.springframework.ai.rag.Query;
import org.springframework.ai.rag.postretrieval.document.DocumentPostProcessor;

/**
 * Sorts the documents of a search by how well they answer the question, with a model that was trained for that, and
 * keeps the best. Each gets the model's score.
 */
public class SkaldReranker implements DocumentPostProcessor {
    private final Reranker reranker;
    private final int most;

    /**
     * Creates a reranker.
     *
     * @param model the model; its owner closes it
     * @param most the number of documents to keep, at least 1
     * @throws dev.skald.runtime.error.UnsupportedModelException if the model was not trained to rank
     * @throws IllegalArgumentException if the number is less than 1
     */
    public SkaldReranker(Model model, int most) {
        if (most < 1) {
            throw new IllegalArgumentException("most=" + most + ": at least one document has to be kept");
        }
        this.reranker = model.newReranker();
        this.most = most;
    }

    @Override
    public List<Document> process(Query query, List<Document> documents) {
        List<String> texts = documents.stream()
                .map(document -> document.getText() == null ? "" : document.getText())
                .toList();
        return reranker.rank(query.text(), texts, most).stream()
                .map(score -> documents
                        .get(score.index())
                        .mutate()
                        .score((double) score.score())
                        .build())
                .toList();
    }
}
