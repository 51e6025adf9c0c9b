package dev.skald.runtime.embed;

import dev.skald.runtime.error.ContextOverflowException;
import java.util.List;
import java.util.concurrent.CancellationException;

/**
 * Computes vectors of texts. Texts about similar things have vectors with similar directions. An embedder is immutable;
 * any number of threads may use it while its model is open. The vector of a text does not depend on the other texts, to
 * the bit.
 *
 * <p>Many models expect a prefix that says whether a text is a query or a document to find. To search texts, use {@link
 * #embedQuery} and {@link #embedDocuments}.
 */
public interface Embedder {
    /**
     * Embeds a text as it is.
     *
     * @param text any text
     * @return its embedding
     * @throws ContextOverflowException if it is too long and {@linkplain EmbedderOptions#truncate truncating} is off
     * @throws CancellationException if it is {@linkplain EmbedderOptions#cancelWhen cancelled}
     * @throws IllegalStateException if the model is closed
     */
    default Embedding embed(String text) {
        return embed(List.of(text)).getFirst();
    }

    /**
     * Embeds texts as they are. Several together are faster than one after the other.
     *
     * @param texts any texts
     * @return their embeddings, in the same order
     * @throws ContextOverflowException if one is too long and {@linkplain EmbedderOptions#truncate truncating} is off
     * @throws CancellationException if it is {@linkplain EmbedderOptions#cancelWhen cancelled}
     * @throws IllegalStateException if the model is closed
     */
    List<Embedding> embed(List<String> texts);

    /**
     * Embeds a query, with the prefix that the model expects; see {@link #prompts}.
     *
     * @param text the query
     * @return its embedding
     * @throws ContextOverflowException if it is too long and {@linkplain EmbedderOptions#truncate truncating} is off
     * @throws CancellationException if it is {@linkplain EmbedderOptions#cancelWhen cancelled}
     * @throws IllegalStateException if the model is closed
     */
    default Embedding embedQuery(String text) {
        return embed(prompts().query() + text);
    }

    /**
     * Embeds documents to find, with the prefix that the model expects; see {@link #prompts}.
     *
     * @param texts any texts
     * @return their embeddings, in the same order
     * @throws ContextOverflowException if one is too long and {@linkplain EmbedderOptions#truncate truncating} is off
     * @throws CancellationException if it is {@linkplain EmbedderOptions#cancelWhen cancelled}
     * @throws IllegalStateException if the model is closed
     */
    default List<Embedding> embedDocuments(List<String> texts) {
        return embed(texts.stream().map(text -> prompts().document() + text).toList());
    }

    /**
     * Embeds tokens as they are, for callers that tokenize texts themselves.
     *
     * @param texts the tokens of each text, including the special tokens around it
     * @return their embeddings, in the same order
     * @throws IllegalArgumentException if a text is empty, or a token is not in the vocabulary
     * @throws ContextOverflowException if one is too long
     * @throws CancellationException if it is {@linkplain EmbedderOptions#cancelWhen cancelled}
     * @throws IllegalStateException if the model is closed
     */
    List<Embedding> embedTokens(List<int[]> texts);

    /**
     * Returns the length of a vector.
     *
     * @return the number of values
     */
    int dimensions();

    /**
     * Returns how many tokens of a text are read at most.
     *
     * @return tokens, including the special tokens around a text
     */
    int maxTokens();

    /**
     * Returns how the rows of a text's tokens become its vector.
     *
     * @return the option's value, or the file's
     */
    Pooling pooling();

    /**
     * Returns the prefixes of queries and documents.
     *
     * @return the option's value, or the known prefixes of the model
     */
    Prompts prompts();
}
