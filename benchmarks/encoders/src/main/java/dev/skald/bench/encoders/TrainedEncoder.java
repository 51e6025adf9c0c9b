package dev.skald.bench.encoders;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.skald.gguf.GgmlType;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;

/** The trained models that come with LangChain4j's in-process embeddings: BERTs with vectors of 384 numbers. */
public enum TrainedEncoder {
    /** Six blocks. */
    ALL_MINILM_L6_V2("all-minilm-l6-v2", Pooled.MEAN),
    /** Twelve blocks; a text's vector is that of its first token. */
    BGE_SMALL_EN_V1_5("bge-small-en-v1.5", Pooled.CLS),
    /** Twelve blocks. */
    E5_SMALL_V2("e5-small-v2", Pooled.MEAN);

    static final int WIDTH = 384;
    private static final int HEADS = 12;

    private final String title;
    private final Pooled pooled;

    TrainedEncoder(String title, Pooled pooled) {
        this.title = title;
        this.pooled = pooled;
    }

    /** How rows become a vector, by its number in GGUF. */
    enum Pooled {
        MEAN(1),
        CLS(2);

        private final int number;

        Pooled(int number) {
            this.number = number;
        }

        int number() {
            return number;
        }
    }

    /**
     * Writes one as GGUF.
     *
     * @param args its name, the type of its matrices, such as {@code Q8_0}, and the file
     * @throws IOException if that fails
     */
    public static void main(String[] args) throws IOException {
        of(args[0]).write(GgmlType.valueOf(args[1]), Path.of(args[2]));
    }

    static TrainedEncoder of(String title) {
        return Arrays.stream(values())
                .filter(model -> model.title.equals(title))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no model " + title + "; there are "
                        + Arrays.stream(values()).map(model -> model.title).collect(Collectors.joining(", "))));
    }

    Pooled pooled() {
        return pooled;
    }

    /** The ONNX file. */
    byte[] onnx() throws IOException {
        return resource("/" + title + ".onnx");
    }

    /** The same weights as GGUF. */
    void write(GgmlType type, Path file) throws IOException {
        BertConverter.convert(
                OnnxFile.read(onnx()),
                new ObjectMapper().readTree(resource("/" + title + "-tokenizer.json")),
                title,
                HEADS,
                pooled,
                type,
                file);
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = TrainedEncoder.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IOException("there is no " + name + " on the class path");
            }
            return in.readAllBytes();
        }
    }
}
