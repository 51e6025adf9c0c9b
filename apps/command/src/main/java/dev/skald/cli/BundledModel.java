package dev.skald.cli;

import dev.skald.bench.SyntheticCache;
import dev.skald.gguf.io.Existing;
import dev.skald.gguf.io.WholeFile;
import dev.skald.tiny.TinyModel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32;

/** The tiny model inside the jar, as a file, because entries of a jar cannot be mapped into memory. */
final class BundledModel {
    private BundledModel() {}

    /** Returns the model's file: a copy in the cache folder, or a temporary one if that folder cannot be written. */
    static Path file() throws IOException {
        return copy(TinyModel.gguf(), SyntheticCache.usualFolder());
    }

    static Path copy(byte[] bytes, Path folder) throws IOException {
        CRC32 checksum = new CRC32();
        checksum.update(bytes);
        Path file = folder.resolve("skald-tiny-%08x.gguf".formatted(checksum.getValue()));
        try {
            if (!Files.exists(file) || !Arrays.equals(Files.readAllBytes(file), bytes)) {
                Files.createDirectories(folder);
                try (WholeFile whole = WholeFile.create(file, Existing.REPLACE)) {
                    whole.write(ByteBuffer.wrap(bytes));
                    whole.commit();
                }
            }
            return file;
        } catch (IOException noCache) {
            Path own = Files.createTempFile("skald-tiny", ".gguf");
            own.toFile().deleteOnExit();
            return Files.write(own, bytes);
        }
    }
}
