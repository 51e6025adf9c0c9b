package dev.skald.runtime.sampling;

/**
 * Says which tokens may come next in a text: a grammar, a schema, a form in which a model calls tools. It knows where the
 * text stands, so whoever generates tells it of each token. For one text and one thread at a time.
 *
 * <p>A constraint never leads into a dead end: whatever it allows can be continued until it {@link #isComplete()} or allows
 * one of the tokens that end a text.
 */
public interface Constraint {
    /**
     * The tokens that may come next. Those that end a text are among them where it may end here.
     *
     * @return a bit for each token, token {@code id} in bit {@code id % 64} of word {@code id / 64}; null if any token may
     *     come. The array is the constraint's own: it is not to be changed, and holds until the next {@link #accept}
     */
    long[] allowed();

    /**
     * Tells that a token is part of the text now.
     *
     * @param token an allowed token
     * @throws IllegalArgumentException if it was not allowed; the constraint stays as it was
     */
    void accept(int token);

    /**
     * The tokens that come next whatever a model says. A caller that takes them saves the model's work; one that samples
     * instead gets a text that fits too, perhaps split into other tokens.
     *
     * @return token ids, not yet accepted; empty where there is a choice
     */
    default int[] forced() {
        return new int[0];
    }

    /**
     * Whether nothing can follow any more but the end of the text.
     *
     * @return true once the text is whole and cannot go on
     */
    boolean isComplete();

    /**
     * A constraint that stands where this one stands, for a text that goes on in another way.
     *
     * @return a copy; neither sees what the other is told afterwards
     */
    Constraint fork();
}
