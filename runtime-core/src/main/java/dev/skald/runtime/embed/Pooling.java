package dev.skald.runtime.embed;

/** How the rows of a text's tokens become one vector; the constants of GGUF's {@code pooling_type}. */
public enum Pooling {
    /** The mean of all rows. */
    MEAN,
    /** The first row, which belongs to a token that is there for this purpose. */
    CLS,
    /** The last row. */
    LAST,
    /** The scores that a classifier gives to the first row or, in a causal model, to the last. */
    RANK;

    /**
     * Returns whether the vector is an embedding, whose direction says what the text is about.
     *
     * @return false if each of its values has a meaning of its own
     */
    public boolean isEmbedding() {
        return this != RANK;
    }
}
