package dev.skald.bench;

import dev.skald.gguf.GgufFile;
import dev.skald.gguf.GgufFormatException;
import dev.skald.gguf.TensorInfo;
import dev.skald.runtime.quantize.Mixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongConsumer;

/**
 * Synthetic models kept for further benchmarks in {@code $XDG_CACHE_HOME/skald}, or in {@code ~/.cache/skald} if that variable
 * is not set. The files may be deleted at any time.
 */
public final class SyntheticCache {
    private static final long SEED = 1;

    private final Path folder;

    /** Creates the cache in the usual folder. */
    public SyntheticCache() {
        this(usualFolder());
    }

    /**
     * Creates the cache in another folder.
     *
     * @param folder created when it is first needed
     */
    public SyntheticCache(Path folder) {
        this.folder = folder;
    }

    /**
     * Returns the usual folder of Skald's cached files.
     *
     * @return {@code skald} in {@code $XDG_CACHE_HOME} or {@code ~/.cache}; it need not exist
     */
    public static Path usualFolder() {
        String caches = System.getenv("XDG_CACHE_HOME");
        return (caches == null || caches.isBlank() ? Home.folder().resolve(".cache") : Path.of(caches))
                .resolve("skald");
    }

    /**
     * Returns the file of a model, which is written first if it is missing.
     *
     * @param shape the model's shape
     * @param mixture the types of its matrices
     * @param progress gets the number of bytes that are written
     * @return the file
     * @throws IOException if it cannot be written
     * @throws IllegalArgumentException if Skald does not read a type that this needs, or its blocks don't divide a row
     */
    public Path file(ModelShape shape, Mixture mixture, LongConsumer progress) throws IOException {
        SyntheticModel model = new SyntheticModel(shape, mixture, false);
        Path file = folder.resolve(shape.name() + "." + mixture + ".gguf");
        if (!isComplete(file, model.bytes())) {
            Files.createDirectories(folder);
            model.replace(file, SEED, progress);
        }
        return file;
    }

    private static boolean isComplete(Path file, long bytes) throws IOException {
        if (!Files.exists(file)) {
            return false;
        }
        try (GgufFile gguf = GgufFile.open(file)) {
            return gguf.tensors().stream().mapToLong(TensorInfo::bytes).sum() == bytes;
        } catch (GgufFormatException broken) {
            return false;
        }
    }
}
