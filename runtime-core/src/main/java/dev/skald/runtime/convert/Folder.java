package dev.skald.runtime.convert;

import dev.skald.gguf.GgufFormatException;
import dev.skald.gguf.io.InputFile;
import dev.skald.runtime.json.JsonReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The folder of a model and its small files. Each file is read once. */
final class Folder {
    /** The size limit for small files. The largest tokenizers have 33 MB. */
    private static final long MOST_BYTES = 256L << 20;

    private final Path path;
    private final Map<String, Optional<Config>> read = new HashMap<>();

    Folder(Path path) {
        this.path = path;
    }

    Path path() {
        return path;
    }

    boolean has(String name) {
        return Files.isRegularFile(path.resolve(name));
    }

    /** Reads a file that contains a JSON object. */
    Optional<Config> json(String name) throws IOException {
        Optional<Config> known = read.get(name);
        if (known == null) {
            known = text(name).map(text -> object(path.resolve(name), text));
            read.put(name, known);
        }
        return known;
    }

    @SuppressWarnings("unchecked")
    static Config object(Path file, String text) {
        try {
            if (JsonReader.read(text) instanceof Map<?, ?> map) {
                return new Config(file.toString(), (Map<String, Object>) map);
            }
        } catch (IllegalArgumentException bad) {
            throw new GgufFormatException(file + ": " + bad.getMessage());
        }
        throw new GgufFormatException(file + ": is JSON, but no object");
    }

    Optional<String> text(String name) throws IOException {
        Optional<byte[]> bytes = bytes(name);
        if (bytes.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes.get()))
                    .toString());
        } catch (CharacterCodingException bad) {
            throw new GgufFormatException(path.resolve(name) + ": is not UTF-8");
        }
    }

    Optional<byte[]> bytes(String name) throws IOException {
        Path file = path.resolve(name);
        if (Files.notExists(file)) {
            return Optional.empty();
        }
        try (FileChannel channel = InputFile.open(file)) {
            long size = channel.size();
            if (size > MOST_BYTES) {
                throw new GgufFormatException(
                        file + ": has " + size + " bytes; more than " + MOST_BYTES + " are not read as text");
            }
            ByteBuffer bytes = ByteBuffer.allocate((int) size);
            while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
                continue;
            }
            if (bytes.hasRemaining()) {
                throw new GgufFormatException(file + ": became shorter while it was read");
            }
            return Optional.of(bytes.array());
        }
    }
}
