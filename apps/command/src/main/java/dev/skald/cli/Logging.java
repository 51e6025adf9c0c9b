package dev.skald.cli;

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

    private Logging() {}

    static void toStandardError(Level level) {
        Handler handler = new ConsoleHandler();
        handler.setLevel(level);
        handler.setFormatter(new Formatter() {
            @Override
            public String format(LogRecord record) {
                return "skald: " + formatMessage(record) + System.lineSeparator();
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
