package dev.skald.runtime.error;

/** Thrown if tokens do not fit into the context. The message and the getters contain the numbers. */
public final class ContextOverflowException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int tokens;
    private final int used;
    private final int contextLength;

    /**
     * Creates the exception.
     *
     * @param tokens the number of tokens to add
     * @param used the number of positions in use
     * @param contextLength the number of positions in total
     */
    public ContextOverflowException(int tokens, int used, int contextLength) {
        super(tokens + " tokens do not fit into a context of " + contextLength
                + (used == 0
                        ? ": shorten the text"
                        : " of which " + used + " are in use: shorten the text, forget some of what came before,")
                + " or choose a longer context");
        this.tokens = tokens;
        this.used = used;
        this.contextLength = contextLength;
    }

    /**
     * Returns the number of tokens that were to be added.
     *
     * @return tokens
     */
    public int tokens() {
        return tokens;
    }

    /**
     * Returns the number of positions in use.
     *
     * @return positions
     */
    public int used() {
        return used;
    }

    /**
     * Returns the context length.
     *
     * @return positions
     */
    public int contextLength() {
        return contextLength;
    }
}
