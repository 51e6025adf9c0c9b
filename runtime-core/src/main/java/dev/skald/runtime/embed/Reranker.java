package dev.skald.runtime.embed;

import java.util.List;
import java.util.concurrent.CancellationException;

/**
 * Scores how well documents answer a question. The model reads each document together with the question, which takes
 * longer than comparing embeddings and is more accurate. A reranker is immutable; any number of threads may use it
 * while its model is open. The score of a document does not depend on the other documents, to the bit.
 */
public interface Reranker {
    /**
     * How well a document answers the question.
     *
     * @param index the index of the document
     * @param score larger is better; a logit or a probability, as the model was trained for
     * @param truncated whether the document's end was cut off because it does not fit
     */
    record Score(int index, float score, boolean truncated) {}

    /**
     * Returns the scores of documents.
     *
     * @param query the question
     * @param documents the documents
     * @return a score for each, in the order of the documents
     * @throws dev.skald.runtime.error.ContextOverflowException if the question leaves no room for a document, or a
     *     document does not fit and {@linkplain EmbedderOptions#truncate truncating} is off
     * @throws CancellationException if it is {@linkplain EmbedderOptions#cancelWhen cancelled}
     * @throws IllegalStateException if the model is closed
     */
    List<Score> scores(String query, List<String> documents);

    /**
     * Returns documents sorted by how well they answer a question, best first. Documents with equal scores keep their
     * order.
     *
     * @param query the question
     * @param documents the documents
     * @param most how many to return, at least 1
     * @return the scores, with the index of each document
     * @throws dev.skald.runtime.error.ContextOverflowException as {@link #scores}
     * @throws CancellationException if it is {@linkplain EmbedderOptions#cancelWhen cancelled}
     * @throws IllegalStateException if the model is closed
     */
    default List<Score> rank(String query, List<String> documents, int most) {
        return scores(query, documents).stream()
                .sorted((a, b) -> Float.compare(b.score(), a.score()))
                .limit(most)
                .toList();
    }
}
