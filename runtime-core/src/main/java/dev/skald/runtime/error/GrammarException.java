package dev.skald.runtime.error;

/** A grammar, a schema or a pattern that can't be used, with the place and the reason. */
public final class GrammarException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    /** What is wrong. */
    public enum Reason {
        /** The text can't be read. */
        SYNTAX,
        /** A rule is used that is not there. */
        UNDEFINED_RULE,
        /** There is no rule to begin with. */
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
     * Says what is wrong.
     *
     * @param reason the kind of fault
     * @param message what, where, and what to do
     */
    public GrammarException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    /**
     * What is wrong.
     *
     * @return the kind of fault
     */
    public Reason reason() {
        return reason;
    }
}
