package dev.skald.bench.lab;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.skald.gguf.io.Existing;
import dev.skald.gguf.io.WholeFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The measurements of a lab, each in a small file that is complete or missing. */
record Notebook(Path folder, String key) {
    static final ObjectMapper JSON = new ObjectMapper()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    /** Returns what has been measured of a model with the same settings; nothing if that is missing or damaged. */
    Measured read(String name) throws IOException {
        Path file = file(name);
        if (!Files.exists(file)) {
            return Measured.nothing(key, name);
        }
        return parse(file, Measured.class)
                .filter(measured -> key.equals(measured.key()) && name.equals(measured.name()))
                .orElse(Measured.nothing(key, name));
    }

    /** Returns the contents of a file; nothing if it is damaged or another program's. */
    static <T> Optional<T> parse(Path file, Class<T> type) throws IOException {
        try {
            return Optional.ofNullable(JSON.readValue(Files.readAllBytes(file), type));
        } catch (JsonProcessingException other) {
            return Optional.empty();
        }
    }

    Measured keep(Measured measured) throws IOException {
        write(file(measured.name()), JSON.writeValueAsBytes(measured));
        return measured;
    }

    private Path file(String name) {
        return folder.resolve(name + ".json");
    }

    /** Writes a file in a lab's folder. */
    static void write(Path file, byte[] content) throws IOException {
        Files.createDirectories(file.getParent());
        try (WholeFile whole = WholeFile.create(file, Existing.REPLACE)) {
            whole.write(ByteBuffer.wrap(content));
            whole.commit();
        }
    }
}
