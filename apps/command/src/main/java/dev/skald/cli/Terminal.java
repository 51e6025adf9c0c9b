package dev.skald.cli;

import java.io.Console;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** What standard error is connected to. */
final class Terminal {
    private Terminal() {}

    /** Whether standard input is closed: the first file that the JVM opens then gets its number. */
    static boolean standardInputIsClosed() {
        Path descriptor = Path.of("/proc/self/fd/0");
        try {
            Path first = Files.readSymbolicLink(descriptor);
            return first.startsWith(System.getProperty("java.home"))
                    || List.of(System.getProperty("java.class.path").split(File.pathSeparator))
                            .contains(first.toString())
                    || first.toString().endsWith("skald.aot");
        } catch (NoSuchFileException closed) {
            return Files.isDirectory(descriptor.getParent());
        } catch (IOException | RuntimeException unknown) {
            return false;
        }
    }

    /** Whether standard error is a terminal. */
    static boolean onStandardError() {
        try {
            // Java cannot ask about standard error alone; `test -t`, which every Unix has, asks about its own, which it
            // inherits.
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
