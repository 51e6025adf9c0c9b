package dev.skald.cli;

import java.io.Console;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;

/** What standard error is connected to. */
final class Terminal {
    private Terminal() {}

    /** Whether a person watches standard error. */
    static boolean onStandardError() {
        try {
            // Java can't ask about standard error alone; every Unix has `test -t`, which asks about its own, inherited.
            return new ProcessBuilder("/bin/sh", "-c", "test -t 2")
                            .redirectError(Redirect.INHERIT)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException noShell) {
            Console console = System.console();
            return console != null && console.isTerminal();
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
