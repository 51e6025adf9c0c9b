package dev.skald.runtime.embed;

import java.util.List;
import java.util.concurrent.CancellationException;

/**
 * Says how well documents answer a question: it reads each together with the question, which takes longer than to compare embeddings
 * and is more exact. Immutable, for any number of threads, and good for as long as its model is open. A document's score does not
 * depend on the documents beside it, to the bit.
 */
public interface Reranker {
    /**
     * How well a document answers.
     *
     * @param index which of the documents
     * @param score larger is better; a logit or a probability, as the model was trained for
     * @param truncated whether the document's end was left out, because it does not fit
     */
    record Score(int index, float score, boolean truncated) {}

    /**
     * The scores of documents.
     *
     * @param query the question
     * @param documents what may answer it
     * @return a score for each, in the order of the documents
     * @throws dev.skald.runtime.error.ContextOverflowException if the question leaves no room for a document, or one does not fit
     *     and is not to be {@linkplain EmbedderOptions#truncate truncated}
     * @throws CancellationException if it is {@linkplain EmbedderOptions#cancelWhen cancelled}
     * @throws IllegalStateException if the model is closed
     */
    List<Score> scores(String query, List<String> documents);

    /**
     * The documents in the order in which they answer a question, best first; those of equal score as they come.
     *
     * @param query the question
     * @param documents what may answer it
     * @param most how many to return, at least 1
     * @return scores, which name the documents by their index
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
