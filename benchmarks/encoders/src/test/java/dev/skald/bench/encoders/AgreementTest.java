package dev.skald.bench.encoders;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtException;
import dev.skald.gguf.GgmlType;
import dev.skald.runtime.Model;
import dev.skald.runtime.embed.Embedding;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A trained model's embeddings are onnxruntime's, on the same weights. */
class AgreementTest {
    private static final List<String> SENTENCES = new ArrayList<>();
    private static OnnxEmbedder onnx;

    @TempDir
    Path folder;

    @BeforeAll
    static void open() throws IOException, OrtException {
        onnx = new OnnxEmbedder(MiniLm.onnx(), 2);
        SENTENCES.addAll(MiniLm.sentences(200, 1, 30));
        SENTENCES.addAll(MiniLm.sentences(4, 200, 300));
        SENTENCES.add("");
        SENTENCES.add("Hvem skrev «Et dukkehjem»? Henrik Ibsen (1828–1906), 50 % av svarene… 日本語 🙂");
    }

    @AfterAll
    static void close() throws OrtException {
        onnx.close();
    }

    /**
     * The least cosine of all texts: what the weights' rounding leaves of 1. Of float32 a millionth is missing because llama.cpp, whose
     * files these are, computes GELU by its form with tanh, and the ONNX file by the error function.
     */
    @ParameterizedTest
    @CsvSource({"F32, true, 0.99999", "F16, false, 0.99999", "Q8_0, false, 0.999", "Q4_K, false, 0.95"})
    void embeddingsAgree(GgmlType type, boolean exact, double least) throws IOException, OrtException {
        Path file = folder.resolve("model.gguf");
        MiniLm.write(type, file);
        try (Model model = Model.open(file, o -> o.threads(2).exact(exact))) {
            List<Embedding> embeddings = model.newEmbedder().embed(SENTENCES);
            double worst = 1;
            for (int i = 0; i < SENTENCES.size(); i++) {
                Embedding own = embeddings.get(i);
                int[] tokens = model.tokenizer().encode(SENTENCES.get(i), true, false);
                assertEquals(Math.min(tokens.length, 512), own.tokens());
                if (!own.truncated()) {
                    float[] theirs = onnx.embed(List.of(tokens))[0];
                    worst = Math.min(worst, own.cosine(new Embedding(theirs, own.tokens(), false)));
                }
            }
            double seen = worst;
            assertTrue(worst > least, () -> type + ": " + seen);
        }
    }

    @Test
    void whatBelongsTogetherIsNear() throws IOException {
        Path file = folder.resolve("model.gguf");
        MiniLm.write(GgmlType.Q8_0, file);
        try (Model model = Model.open(file)) {
            List<Embedding> e = model.newEmbedder()
                    .embed(List.of(
                            "A man is playing the guitar on stage.",
                            "Someone performs music with a string instrument.",
                            "The stock market fell sharply on Monday."));
            assertTrue(e.get(0).cosine(e.get(1)) > e.get(0).cosine(e.get(2)) + 0.2);
        }
    }
}
