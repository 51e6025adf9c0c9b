package dev.skald.cli;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/** Files that are not part of the project, beside its folder; tests that need them are skipped where they are absent. */
final class GoldenFiles {
    private GoldenFiles() {}

    static Path file(String name) {
        Path file = Path.of(System.getProperty("skald.root"), "..", "shared", name);
        assumeTrue(Files.exists(file), () -> "absent: " + file);
        return file;
    }
}
