package dev.skald.runtime.embed;

import dev.skald.runtime.error.ContextOverflowException;
import java.util.List;
import java.util.concurrent.CancellationException;

/**
 * Makes vectors of texts, such that texts about the same thing have vectors of about the same direction. Immutable, for any number
 * of threads, and good for as long as its model is open. What a text becomes does not depend on the texts beside it, to the bit.
 *
 * <p>Many models have learned to be told whether a text is a query or a document to be found, by words in front of it: where
 * texts are searched, use {@link #embedQuery} and {@link #embedDocuments}.
 */
public interface Embedder {
    /**
     * Embeds a text as it is.
     *
     * @param text any text
     * @return its embedding
     * @throws ContextOverflowException if it is too long, and is not to be {@linkplain EmbedderOptions#truncate truncated}
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
     * @throws ContextOverflowException if one is too long, and is not to be {@linkplain EmbedderOptions#truncate truncated}
     * @throws CancellationException if it is {@linkplain EmbedderOptions#cancelWhen cancelled}
     * @throws IllegalStateException if the model is closed
     */
    List<Embedding> embed(List<String> texts);

    /**
     * Embeds a query, with what its model wants in front of one; see {@link #prompts}.
     *
     * @param text what is searched for
     * @return its embedding
     * @throws ContextOverflowException if it is too long, and is not to be {@linkplain EmbedderOptions#truncate truncated}
     * @throws CancellationException if it is {@linkplain EmbedderOptions#cancelWhen cancelled}
     * @throws IllegalStateException if the model is closed
     */
    default Embedding embedQuery(String text) {
        return embed(prompts().query() + text);
    }

    /**
     * Embeds texts that are to be found, with what their model wants in front of one; see {@link #prompts}.
     *
     * @param texts any texts
     * @return their embeddings, in the same order
     * @throws ContextOverflowException if one is too long, and is not to be {@linkplain EmbedderOptions#truncate truncated}
     * @throws CancellationException if it is {@linkplain EmbedderOptions#cancelWhen cancelled}
     * @throws IllegalStateException if the model is closed
     */
    default List<Embedding> embedDocuments(List<String> texts) {
        return embed(texts.stream().map(text -> prompts().document() + text).toList());
    }

    /**
     * Embeds tokens as they are, for who splits texts by himself.
     *
     * @param texts the tokens of each text, with those that belong around it
     * @return their embeddings, in the same order
     * @throws IllegalArgumentException if a text is empty, or a number is no token's
     * @throws ContextOverflowException if one is too long
     * @throws CancellationException if it is {@linkplain EmbedderOptions#cancelWhen cancelled}
     * @throws IllegalStateException if the model is closed
     */
    List<Embedding> embedTokens(List<int[]> texts);

    /**
     * How many numbers a vector has.
     *
     * @return the width
     */
    int dimensions();

    /**
     * How many tokens of a text are read at most.
     *
     * @return tokens, those that the model puts around a text included
     */
    int maxTokens();

    /**
     * How the rows of a text's tokens become its vector.
     *
     * @return as it was asked for, or as the file says
     */
    Pooling pooling();

    /**
     * What stands in front of queries and documents.
     *
     * @return as it was asked for, or as the model is known to want it
     */
    Prompts prompts();
}
