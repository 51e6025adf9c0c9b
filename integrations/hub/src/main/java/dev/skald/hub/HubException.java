package dev.skald.hub;

import java.io.IOException;

/** A model cannot be found, downloaded or kept. The message says what is wrong, where, and what to do. */
public final class HubException extends IOException {
    private static final long serialVersionUID = 1L;
    private static final int MOST_LETTERS = 2000;

    /** The reason, for programs that act on it. */
    public enum Kind {
        /** The name is malformed, or names something other than a model. */
        BAD_NAME,
        /** There is no such repository, revision or file. */
        NOT_FOUND,
        /** The repository has no GGUF file. */
        NO_GGUF,
        /** The repository has GGUF files, but not the one that the name asks for. */
        NO_SUCH_QUANTIZATION,
        /** The repository requires a token, or a licence that has not been accepted. */
        ACCESS,
        /** The model is not in the cache, and requests are not allowed. */
        OFFLINE,
        /** The server cannot be reached, or answers with errors. */
        UNREACHABLE,
        /** The server's answer, or a file from it, is invalid. */
        DAMAGED,
        /** The disk has no room. */
        NO_SPACE
    }

    private final Kind kind;

    HubException(Kind kind, String message) {
        this(kind, message, null);
    }

    HubException(Kind kind, String message, Throwable cause) {
        super(printable(message), cause);
        this.kind = kind;
    }

    /**
     * Returns the reason.
     *
     * @return the reason
     */
    public Kind kind() {
        return kind;
    }

    /**
     * Returns the printable part of a text. A part of a message may come from a stranger; it must not control a
     * terminal, fake a line or be too long.
     */
    static String printable(String text) {
        StringBuilder safe = new StringBuilder();
        text.codePoints().limit(MOST_LETTERS).forEach(c -> {
            switch (Character.getType(c)) {
                case Character.CONTROL,
                        Character.FORMAT,
                        Character.SURROGATE,
                        Character.LINE_SEPARATOR,
                        Character.PARAGRAPH_SEPARATOR -> safe.append("\\u{%x}".formatted(c));
                default -> safe.appendCodePoint(c);
            }
        });
        return safe.toString();
    }
}
