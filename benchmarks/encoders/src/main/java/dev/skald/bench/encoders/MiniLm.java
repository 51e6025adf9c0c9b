package dev.skald.bench.encoders;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.skald.gguf.GgmlType;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** The trained model that comes with LangChain4j's in-process embeddings: all-MiniLM-L6-v2, of six blocks and 384 numbers. */
public final class MiniLm {
    static final int WIDTH = 384;
    private static final String NAME = "all-minilm-l6-v2";
    private static final int HEADS = 12;

    private MiniLm() {}

    /**
     * Writes it as GGUF.
     *
     * @param args the type of its matrices, such as {@code Q8_0}, and the file
     * @throws IOException if that fails
     */
    public static void main(String[] args) throws IOException {
        write(GgmlType.valueOf(args[0]), Path.of(args[1]));
    }

    /** The ONNX file. */
    static byte[] onnx() throws IOException {
        return resource("/" + NAME + ".onnx");
    }

    /** The same weights as GGUF. */
    static void write(GgmlType type, Path file) throws IOException {
        BertConverter.convert(
                OnnxFile.read(onnx()),
                new ObjectMapper().readTree(resource("/" + NAME + "-tokenizer.json")),
                NAME,
                HEADS,
                type,
                file);
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = MiniLm.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IOException("there is no " + name + " on the class path");
            }
            return in.readAllBytes();
        }
    }

    /** Sentences of some words each, in English and Norwegian, always the same. */
    static List<String> sentences(int count, int fewestWords, int mostWords) {
        List<String> words = List.of(
                ("the old ferry crosses a fjord before dawn while nobody watches prices of fish fell again last winter"
                                + " researchers measured how fast snow melts in open fields and under spruce forests the"
                                + " library keeps every newspaper that was printed in this town ferjen går over fjorden"
                                + " før det blir lyst og prisen på laks falt igjen i vinter forskere målte hvor fort snøen"
                                + " smelter biblioteket tar vare på alle aviser som er trykt her i byen")
                        .split(" "));
        Random random = new Random(1);
        List<String> sentences = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            StringBuilder sentence = new StringBuilder();
            int length = random.nextInt(fewestWords, mostWords + 1);
            for (int w = 0; w < length; w++) {
                sentence.append(w == 0 ? "" : " ").append(words.get(random.nextInt(words.size())));
            }
            sentences.add(sentence.append('.').toString());
        }
        return sentences;
    }
}
