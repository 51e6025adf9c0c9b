package dev.skald.runtime.sampling;

/**
 * Decides which tokens may come next in a text, for example by a grammar, a schema or the form of tool calls. It keeps
 * its position in the text, so each token must be passed to {@link #accept}. Only one text and one thread at a time may
 * use it.
 *
 * <p>A constraint has no dead ends: whatever it allows can be continued until it {@link #isComplete()} or allows a
 * token that ends the text.
 */
public interface Constraint {
    /**
     * Returns the tokens that may come next, including tokens that end the text if it may end here.
     *
     * @return a bit for each token, token {@code id} in bit {@code id % 64} of word {@code id / 64}; null if any token
     *     may come. Do not change the array; it is valid until the next {@link #accept}
     */
    long[] allowed();

    /**
     * Adds a token to the text.
     *
     * @param token an allowed token
     * @throws IllegalArgumentException if the token is not allowed; the constraint stays unchanged
     */
    void accept(int token);

    /**
     * Returns the tokens that must come next. A caller that appends them saves computing. Sampling instead also gives a
     * valid text, but possibly with other tokens.
     *
     * @return token ids, not yet accepted; empty if there is a choice
     */
    default int[] forced() {
        return new int[0];
    }

    /**
     * Returns whether only the end of the text can follow.
     *
     * @return true if the text is complete and cannot continue
     */
    boolean isComplete();

    /**
     * Copies the constraint at its current position, for a text that continues in another way.
     *
     * @return a copy; later changes to one do not affect the other
     */
    Constraint fork();
}
