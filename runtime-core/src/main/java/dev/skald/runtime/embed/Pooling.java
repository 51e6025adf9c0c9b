package dev.skald.runtime.embed;

/** How the rows of a text's tokens become one vector; the constants of GGUF's {@code pooling_type}. */
public enum Pooling {
    /** The mean of all rows. */
    MEAN,
    /** The first row, which is that of a token put there for this. */
    CLS,
    /** The last row. */
    LAST,
    /** The scores that a classifier gives the first row, or in a model that looks back only the last. */
    RANK;

    /**
     * Whether the vector is an embedding, whose direction says what the text is about.
     *
     * @return false if each of its numbers says something by itself
     */
    public boolean isEmbedding() {
        return this != RANK;
    }
}
