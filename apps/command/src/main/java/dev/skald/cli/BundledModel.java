package dev.skald.cli;

import dev.skald.bench.SyntheticCache;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32;

/** The tiny model inside the jar, as a file: a jar's entries can't be mapped into memory. */
final class BundledModel {
    private BundledModel() {}

    /**
     * The model's file.
     *
     * @return a copy in the cache folder, or for this process only where there can be none; empty if this build has no
     *     model
     */
    static Optional<Path> file() throws IOException {
        URL resource = BundledModel.class.getResource("/dev/skald/tiny/skald-tiny-Q8_0.gguf");
        return resource == null ? Optional.empty() : Optional.of(copy(resource, SyntheticCache.usualFolder()));
    }

    static Path copy(URL resource, Path folder) throws IOException {
        byte[] bytes;
        try (InputStream in = resource.openStream()) {
            bytes = in.readAllBytes();
        }
        CRC32 checksum = new CRC32();
        checksum.update(bytes);
        Path file = folder.resolve("skald-tiny-%08x.gguf".formatted(checksum.getValue()));
        try {
            if (!Files.exists(file) || !Arrays.equals(Files.readAllBytes(file), bytes)) {
                Files.createDirectories(folder);
                Path part = Files.createTempFile(folder, "skald-tiny", ".part");
                Files.write(part, bytes);
                Files.move(part, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
            }
            return file;
        } catch (IOException noCache) {
            Path own = Files.createTempFile("skald-tiny", ".gguf");
            own.toFile().deleteOnExit();
            return Files.write(own, bytes);
        }
    }
}
