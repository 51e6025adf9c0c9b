package dev.skald.cli;

import dev.skald.gguf.io.Printable;
import java.util.HashSet;
import java.util.Set;
import java.util.logging.ConsoleHandler;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Shows what the libraries log as lines of the command's own form. */
final class Logging {
    /** Kept here because the log manager holds loggers weakly. */
    private static final Logger SKALD = Logger.getLogger("dev.skald");

    /** JLine warns of a terminal that it does not know, at length; it does with a plain one then. */
    private static final Logger JLINE = Logger.getLogger("org.jline");

    /** Jetty tells of its own beginning and end, and of clients that are gone. */
    private static final Logger JETTY = Logger.getLogger("org.eclipse.jetty");

    private Logging() {}

    static void toStandardError(Level level) {
        JLINE.setLevel(Level.OFF);
        JETTY.setLevel(level == Level.ALL ? Level.INFO : Level.SEVERE);
        Handler handler = new ConsoleHandler();
        handler.setLevel(level);
        Set<String> said = new HashSet<>();
        handler.setFormatter(new Formatter() {
            @Override
            public String format(LogRecord record) {
                // The same is said once, however often a file is opened.
                String text = Printable.line(Errors.options(formatMessage(record)));
                return said.add(text) ? "skald: " + text + System.lineSeparator() : "";
            }
        });
        for (Handler old : SKALD.getHandlers()) {
            SKALD.removeHandler(old);
        }
        SKALD.setUseParentHandlers(false);
        SKALD.addHandler(handler);
        SKALD.setLevel(level);
    }
}
