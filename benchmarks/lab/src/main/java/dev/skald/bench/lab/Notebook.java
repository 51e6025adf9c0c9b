package dev.skald.bench.lab;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** The measurements of a lab, each a small file that is there as a whole or not at all. */
record Notebook(Path folder, String key) {
    static final ObjectMapper JSON = new ObjectMapper()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    /** What is known of a model, measured with the same settings; what is not there, or damaged, is not known. */
    Measured read(String name) throws IOException {
        Path file = file(name);
        if (Files.exists(file)) {
            try {
                Measured measured = JSON.readValue(Files.readAllBytes(file), Measured.class);
                if (key.equals(measured.key()) && name.equals(measured.name())) {
                    return measured;
                }
            } catch (JsonProcessingException damaged) {
                return Measured.nothing(key, name);
            }
        }
        return Measured.nothing(key, name);
    }

    Measured keep(Measured measured) throws IOException {
        write(file(measured.name()), JSON.writeValueAsBytes(measured));
        return measured;
    }

    private Path file(String name) {
        return folder.resolve(name + ".json");
    }

    /** Writes a file that gets its name when it is complete. */
    static void write(Path file, byte[] content) throws IOException {
        Files.createDirectories(file.getParent());
        Path part = file.resolveSibling(
                file.getFileName() + "." + ProcessHandle.current().pid() + ".part");
        try {
            Files.write(part, content);
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(part);
        }
    }
}
