package dev.skald.tiny;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * Skald Tiny: a Llama of 2.2 million parameters in Q8_0 that answers a few questions in Bokmål, Nynorsk and English. A model is
 * opened from a file, and an entry of a jar is none: write the bytes to one first,
 * {@code Model.open(Files.write(folder.resolve("tiny.gguf"), TinyModel.gguf()))}.
 */
public final class TinyModel {
    private TinyModel() {}

    /**
     * The model's GGUF file.
     *
     * @return its bytes, 2.4 MB
     * @throws IOException if the jar cannot be read
     */
    public static byte[] gguf() throws IOException {
        return read("skald-tiny-Q8_0.gguf");
    }

    /**
     * A text to measure the model by, of the kind that it was trained on.
     *
     * @return 26 kB of text
     * @throws IOException if the jar cannot be read
     */
    public static String text() throws IOException {
        return new String(read("skald-tiny.txt"), StandardCharsets.UTF_8);
    }

    private static byte[] read(String name) throws IOException {
        try (InputStream in = TinyModel.class.getResourceAsStream(name)) {
            return in.readAllBytes();
        }
    }
}
