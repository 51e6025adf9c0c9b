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

/** Prints log messages of the libraries as lines in the command's form. */
final class Logging {
    /** Kept here, because the log manager holds loggers weakly. */
    private static final Logger SKALD = Logger.getLogger("dev.skald");

    /** JLine warns at length of an unknown terminal, which it then treats as a plain one. */
    private static final Logger JLINE = Logger.getLogger("org.jline");

    /** Jetty logs its own start and end, and clients that have gone. */
    private static final Logger JETTY = Logger.getLogger("org.eclipse.jetty");

    private static final Logger KERNELS = Logger.getLogger("dev.skald.kernels");

    private Logging() {}

    /** Leaves out what kernels say of themselves; their warnings stay. */
    static void withoutKernels() {
        if (SKALD.getLevel() != Level.ALL) {
            KERNELS.setLevel(Level.WARNING);
        }
    }

    static void toStandardError(Level level) {
        JLINE.setLevel(Level.OFF);
        JETTY.setLevel(level == Level.ALL ? Level.INFO : Level.SEVERE);
        Handler handler = new ConsoleHandler();
        handler.setLevel(level);
        Set<String> said = new HashSet<>();
        handler.setFormatter(new Formatter() {
            @Override
            public String format(LogRecord record) {
                // The same message is printed once, however often a file is opened.
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
