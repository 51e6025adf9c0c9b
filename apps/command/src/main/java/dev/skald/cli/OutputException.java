package dev.skald.cli;

import java.io.IOException;
import java.util.Locale;

/** Standard output accepts no more. */
final class OutputException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    OutputException(IOException cause) {
        super("cannot write to standard output: " + cause.getMessage(), cause);
    }

    /** Whether the program that reads our output has ended, as in {@code skald ... | head}; this is not an error. */
    boolean readerGone() {
        String message = String.valueOf(getCause().getMessage()).toLowerCase(Locale.ROOT);
        return message.contains("broken pipe")
                || message.contains("pipe is being closed")
                || message.contains("pipe has been ended");
    }
}
