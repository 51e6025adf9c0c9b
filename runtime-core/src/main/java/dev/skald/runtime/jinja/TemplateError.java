package dev.skald.runtime.jinja;

/** An error in a template, with its line number. */
public final class TemplateError extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** The cause of an error. */
    public enum Kind {
        /** The template cannot be compiled. */
        SYNTAX,
        /** The template applies an operation to a value that does not support it. */
        EVALUATION,
        /** The template exceeds one of the {@link Limits}. */
        LIMIT,
        /** The template rejects its input by calling {@code raise_exception}. */
        RAISED
    }

    private final Kind kind;
    private int line;

    private TemplateError(Kind kind, String message, int line) {
        super(message);
        this.kind = kind;
        this.line = line;
    }

    static TemplateError syntax(int line, String message) {
        return new TemplateError(Kind.SYNTAX, message, line);
    }

    static TemplateError evaluation(String message) {
        return new TemplateError(Kind.EVALUATION, message, 0);
    }

    static TemplateError limit(String message) {
        return new TemplateError(Kind.LIMIT, message, 0);
    }

    static TemplateError raised(String message) {
        return new TemplateError(Kind.RAISED, message, 0);
    }

    /** Sets the line of the error, unless a deeper call has set it. */
    TemplateError at(int where) {
        if (line == 0) {
            line = where;
        }
        return this;
    }

    public Kind kind() {
        return kind;
    }

    /** Returns the line in the template, from 1; 0 if no particular line is wrong. */
    public int line() {
        return line;
    }
}
