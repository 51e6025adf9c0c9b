package dev.skald.runtime.error;

/** The tokens do not fit into the context. The message and the getters have the numbers. */
public final class ContextOverflowException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int tokens;
    private final int used;
    private final int contextLength;

    /**
     * For tokens that do not fit.
     *
     * @param tokens how many tokens were to be added
     * @param used how many positions are filled already
     * @param contextLength how many there are
     */
    public ContextOverflowException(int tokens, int used, int contextLength) {
        super(tokens + " tokens do not fit into a context of " + contextLength + " of which " + used
                + " are in use: shorten the text, forget some of what came before, or choose a longer context");
        this.tokens = tokens;
        this.used = used;
        this.contextLength = contextLength;
    }

    /**
     * What was to be added.
     *
     * @return how many tokens
     */
    public int tokens() {
        return tokens;
    }

    /**
     * What was there before.
     *
     * @return how many positions are filled
     */
    public int used() {
        return used;
    }

    /**
     * What there is.
     *
     * @return the session's context length
     */
    public int contextLength() {
        return contextLength;
    }
}
