package dev.skald.gguf;

import dev.skald.gguf.io.Printable;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Thrown if a file of a model is not valid: a GGUF file that is damaged, truncated, hostile, of another kind or version,
 * or without a required key, or such a file of original weights. The message names the file, the offset if there is one, the key or tensor, and the values.
 */
public final class GgufFormatException extends RuntimeException {
    private static final long serialVersionUID = 1;
    private static final int MAX_SHOWN = 100;

    /**
     * Creates an exception without an offset.
     *
     * @param message what is wrong, where, and what to do; text that comes from a file is made printable
     */
    public GgufFormatException(String message) {
        super(Printable.line(message));
    }

    GgufFormatException(Path path, String problem) {
        super(Printable.line(path + ": " + problem));
    }

    GgufFormatException(Path path, long offset, String problem) {
        super(Printable.line(path + ": at byte " + offset + ": " + problem));
    }

    /** A name as a message shows it: a file may have chosen it to be endless, or to confuse a terminal. */
    static String quote(String name) {
        StringBuilder shown = new StringBuilder("'");
        name.codePoints().limit(MAX_SHOWN).forEach(c -> {
            if (Character.isISOControl(c) || Character.getType(c) == Character.FORMAT) {
                shown.append(String.format(Locale.ROOT, "\\u%04x", c));
            } else {
                shown.appendCodePoint(c);
            }
        });
        return shown.append(name.codePointCount(0, name.length()) > MAX_SHOWN ? "…'" : "'")
                .toString();
    }
}
