package dev.skald.runtime.measure;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * Eight stories that stories260K generated (llama.cpp, temperature 0.8, seeds 1 to 8), a little over 3072 tokens: a text without a
 * copyright that both Skald and llama.cpp have measured.
 */
public final class Stories {
    private Stories() {}

    /** The text. */
    public static String text() {
        try (InputStream in = Stories.class.getResourceAsStream("/stories.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
