package dev.skald.runtime;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/** llama.cpp's answers, from {@code ../shared} beside the project. Without them, tests are skipped and counted. */
public final class Golden {
    private static final Path ROOT = Path.of(System.getProperty("skald.root"), "..", "shared");

    private Golden() {}

    /** Whether the answers are there, for tests that list their cases before they run. */
    public static boolean isPresent() {
        return Files.isDirectory(ROOT);
    }

    /** A file below {@code shared}. */
    public static Path path(String name) {
        assumeTrue(isPresent(), ROOT + " is absent");
        return ROOT.resolve(name);
    }

    /** All bytes of a file. */
    public static byte[] bytes(String name) {
        try {
            return Files.readAllBytes(path(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A file of little-endian float32. */
    public static float[] floats(String name) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes(name)).order(ByteOrder.LITTLE_ENDIAN);
        float[] out = new float[buffer.remaining() / 4];
        buffer.asFloatBuffer().get(out);
        return out;
    }

    /** A JSON file. */
    public static JsonNode json(String name) {
        try {
            return new ObjectMapper().readTree(bytes(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
