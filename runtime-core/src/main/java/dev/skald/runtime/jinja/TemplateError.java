package dev.skald.runtime.jinja;

/** What is wrong with a template, and in which line. */
public final class TemplateError extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Whose fault it is. */
    public enum Kind {
        /** The template cannot be compiled. */
        SYNTAX,
        /** The template does something with a value that the value cannot do. */
        EVALUATION,
        /** The template exceeds one of the {@link Limits}. */
        LIMIT,
        /** The template itself refuses what it was given, by {@code raise_exception}. */
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

    /** Gives the error its line, unless something further inside did. */
    TemplateError at(int where) {
        if (line == 0) {
            line = where;
        }
        return this;
    }

    public Kind kind() {
        return kind;
    }

    /** The line in the template, from 1; 0 if it is none in particular. */
    public int line() {
        return line;
    }
}
