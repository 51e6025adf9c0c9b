package dev.skald.cli;

import java.io.Console;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** What standard input, output and error are connected to. */
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

    /** Whether standard output is a terminal. */
    static boolean onStandardOutput() {
        return isTerminal(1);
    }

    /** Whether standard error is a terminal. */
    static boolean onStandardError() {
        return isTerminal(2);
    }

    private static boolean isTerminal(int descriptor) {
        try {
            // Java cannot ask about one of them alone; `test -t`, which every Unix has, asks about its own, which it
            // inherits.
            return new ProcessBuilder("/bin/sh", "-c", "test -t " + descriptor)
                            .redirectOutput(Redirect.INHERIT)
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
