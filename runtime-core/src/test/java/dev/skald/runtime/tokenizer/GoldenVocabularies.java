package dev.skald.runtime.tokenizer;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.skald.gguf.GgufFile;
import dev.skald.gguf.GgufMetadata;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The files with answers of llama.cpp that stand beside the project; where they do not, tests are skipped. */
final class GoldenVocabularies {
    private static final Path SHARED = Path.of(System.getProperty("skald.root", "."), "..", "shared");
    private static final Map<Path, Tokenizer> TOKENIZERS = new ConcurrentHashMap<>();

    private GoldenVocabularies() {}

    static boolean arePresent() {
        return Files.isDirectory(SHARED.resolve("golden/vocab"));
    }

    /** A file below {@code shared}; the test is skipped if there is none. */
    static Path file(String name) {
        Path file = SHARED.resolve(name);
        assumeTrue(Files.exists(file), () -> "no " + file.toAbsolutePath().normalize());
        return file;
    }

    /** The tokenizer of {@code ggml-vocab-NAME.gguf}. */
    static Tokenizer tokenizer(String name) {
        return tokenizer(file("golden/vocab/ggml-vocab-" + name + ".gguf"));
    }

    static Tokenizer tokenizer(Path file) {
        return TOKENIZERS.computeIfAbsent(file, f -> {
            try (GgufFile gguf = GgufFile.open(f)) {
                return Tokenizer.of(gguf.metadata());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    /** Makes something of a file's metadata while it is open. */
    static <T> T with(Path file, java.util.function.Function<GgufMetadata, T> use) {
        try (GgufFile gguf = GgufFile.open(file)) {
            return use.apply(gguf.metadata());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
