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

    /** Whether there is no standard input: what the JVM opened first, its own file, has its number then. */
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
