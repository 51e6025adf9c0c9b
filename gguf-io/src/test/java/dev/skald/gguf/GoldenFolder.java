package dev.skald.gguf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** The folder of answers made by others, beside the project; tests that need it are skipped where it is absent. */
final class GoldenFolder {
    private static final Path SHARED = Path.of(System.getProperty("skald.root", ".."), "..", "shared");

    private GoldenFolder() {}

    static Path path(String name) {
        return SHARED.resolve(name).normalize();
    }

    static Path file(String name) {
        Path file = path(name);
        Assumptions.assumeTrue(Files.exists(file), () -> "no golden file " + file);
        return file;
    }

    /** All GGUF files of the folder; empty where it is absent. */
    static List<Path> models() throws IOException {
        if (!Files.isDirectory(SHARED)) {
            return List.of();
        }
        // The real path, since a walk does not follow a link it begins at.
        try (Stream<Path> files = Files.walk(SHARED.toRealPath())) {
            return files.filter(file -> file.toString().endsWith(".gguf"))
                    .sorted()
                    .toList();
        }
    }
}
