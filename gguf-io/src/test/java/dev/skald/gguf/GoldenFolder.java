package dev.skald.gguf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** The folder beside the project with answers of other programs. Tests that need it are skipped if it is absent. */
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

    /** Returns all GGUF files of the folder; none if it is absent. */
    static List<Path> models() throws IOException {
        if (!Files.isDirectory(SHARED)) {
            return List.of();
        }
        // The real path, because a walk does not follow a link that it begins with.
        try (Stream<Path> files = Files.walk(SHARED.toRealPath())) {
            return files.filter(file -> file.toString().endsWith(".gguf"))
                    .sorted()
                    .toList();
        }
    }
}
