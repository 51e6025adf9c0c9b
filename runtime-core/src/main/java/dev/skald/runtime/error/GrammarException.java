package dev.skald.runtime.error;

/** Thrown if a grammar, a schema or a pattern cannot be used. The message has the place and the reason. */
public final class GrammarException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    /** Returns what is wrong. */
    public enum Reason {
        /** The text has a syntax error. */
        SYNTAX,
        /** It uses a rule that is not defined. */
        UNDEFINED_RULE,
        /** The root rule is missing. */
        NO_ROOT,
        /** A rule begins with itself. */
        LEFT_RECURSION,
        /** It uses something that Skald does not support. */
        UNSUPPORTED,
        /** No text fits it. */
        MATCHES_NOTHING,
        /** It needs more memory or time than a grammar may have. */
        TOO_LARGE
    }

    private final Reason reason;

    /**
     * Creates the exception.
     *
     * @param reason the kind of fault
     * @param message what is wrong, where, and what to do
     */
    public GrammarException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    /**
     * Returns what is wrong.
     *
     * @return the kind of fault
     */
    public Reason reason() {
        return reason;
    }
}
