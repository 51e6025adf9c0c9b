package dev.skald.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.gguf.GgmlType;
import dev.skald.gguf.GgufFile;
import dev.skald.gguf.TensorInfo;
import dev.skald.kernels.format.QuantFormat;
import dev.skald.kernels.format.QuantFormats;
import dev.skald.runtime.Model;
import dev.skald.runtime.embed.Embedder;
import dev.skald.runtime.embed.Pooling;
import dev.skald.runtime.quantize.Mixture;
import dev.skald.runtime.tokenizer.Tokenizer;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class SyntheticModelTest {
    @TempDir
    Path folder;

    static List<QuantFormat> formats() {
        return QuantFormats.all();
    }

    static List<ModelShape> shapes() {
        return ModelShape.all();
    }

    @ParameterizedTest
    @MethodSource("formats")
    void weightsHaveTheDeviationAskedFor(QuantFormat format) {
        float[] weights = rows(format, 512, 512);
        double mean = 0;
        double squares = 0;
        for (float weight : weights) {
            mean += weight / weights.length;
            squares += (double) weight * weight / weights.length;
        }
        // Codes from -8 to 7, as of Q4_0, have a mean of half a code.
        assertEquals(0, mean, 0.0025);
        assertEquals(0.02, Math.sqrt(squares), 0.001);
    }

    @ParameterizedTest
    @MethodSource("formats")
    void noTwoRowsAreTheSame(QuantFormat format) {
        int columns = 512;
        float[] weights = rows(format, columns, 5000);
        Set<List<Float>> starts = new HashSet<>();
        for (int row = 0; row < 5000; row++) {
            int at = row * columns;
            starts.add(List.of(weights[at], weights[at + 1], weights[at + 2], weights[at + 3], weights[at + 40]));
        }
        // Rows that differ may begin alike: rounded codes of 2 to 4 bits leave few beginnings.
        assertTrue(starts.size() > 4000, starts.size() + " of 5000");
    }

    private static float[] rows(QuantFormat format, int columns, int rows) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment data = arena.allocate(format.type().bytes((long) columns * rows), 64);
            new RandomBlocks(format.type(), 0.02f, columns, rows, 3, arena).rows(columns, rows, data);
            float[] weights = new float[columns * rows];
            format.decode(data, 0, weights, 0, weights.length);
            return weights;
        }
    }

    @Test
    void aSeedGivesTheSameFile() throws IOException {
        assertEquals(-1, Files.mismatch(write("a", 5), write("b", 5)));
        assertTrue(Files.mismatch(write("a", 5), write("c", 6)) >= 0);
    }

    private Path write(String name, long seed) throws IOException {
        Path file = folder.resolve(name);
        new SyntheticModel(ModelShape.named("tiny"), Mixture.Q4_K_M, false).replace(file, seed, written -> {});
        return file;
    }

    @Test
    void progressEndsAtTheSizeForetold() throws IOException {
        SyntheticModel model = new SyntheticModel(ModelShape.named("tiny"), Mixture.Q4_0, false);
        long[] last = {0};
        model.write(folder.resolve("m"), 1, written -> {
            assertTrue(written > last[0]);
            last[0] = written;
        });
        assertEquals(model.bytes(), last[0]);
    }

    /** By hand from llama.cpp's rule: with 2 layers, layer 0 is under 2/8 (none), layer 1 at or above 14/8. */
    @Test
    void mixturesSpendBitsWhereLlamaCppDoes() throws IOException {
        try (GgufFile file = GgufFile.open(write("mixed", 1))) {
            assertEquals(GgmlType.Q6_K, type(file, "token_embd.weight"));
            assertEquals(GgmlType.Q4_K, type(file, "blk.0.attn_v.weight"));
            assertEquals(GgmlType.Q6_K, type(file, "blk.1.attn_v.weight"));
            assertEquals(GgmlType.Q6_K, type(file, "blk.1.ffn_down.weight"));
            assertEquals(GgmlType.Q4_K, type(file, "blk.1.ffn_up.weight"));
            assertEquals(GgmlType.F32, type(file, "blk.1.ffn_norm.weight"));
        }
    }

    private static GgmlType type(GgufFile file, String tensor) {
        return file.tensor(tensor).map(TensorInfo::type).orElseThrow();
    }

    @ParameterizedTest
    @EnumSource(Mixture.class)
    void everyMixtureHasKernels(Mixture mixture) {
        new SyntheticModel(ModelShape.named("tiny"), mixture, false);
    }

    /**
     * Parameter counts of the real models: 1.24, 3.21, 7.25, 11.4 and 13.0 billion; 0.568 of bge-m3, whose rows of positions in
     * float32 count twice here.
     */
    @ParameterizedTest
    @MethodSource("shapes")
    void shapesHaveTheRealModelsSize(ModelShape shape) {
        double billions = new SyntheticModel(shape, Mixture.F16, false).bytes() / 2e9;
        double real = switch (shape.name()) {
            case "nb-llama-3.2-1b" -> 1.24;
            case "nb-llama-3.2-3b" -> 3.21;
            case "normistral-7b" -> 7.25;
            case "normistral-11b" -> 11.4;
            case "llama-2-13b" -> 13.0;
            case "bge-m3" -> 0.576;
            default -> billions;
        };
        assertEquals(real, billions, 0.01 * real);
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void vocabulariesHaveTheirSizeAndNoTokenTwice(ModelShape shape) {
        SyntheticVocabulary.Content content = shape.vocabulary().content();
        assertEquals(shape.vocabulary().size(), content.texts().size());
        assertEquals(content.texts().size(), new HashSet<>(content.texts()).size());
        assertEquals(content.texts().size(), content.types().length);
    }

    @Test
    void theTokenizerReadsWhatWasWritten() throws IOException {
        try (GgufFile file = GgufFile.open(write("words", 1))) {
            Tokenizer tokenizer = Tokenizer.of(file.metadata());
            String text = "Hva er hovedstaden i Norge? Blåbær og 👩‍🚀!";
            assertEquals(text, tokenizer.decode(tokenizer.encode(text)));
        }
    }

    @Test
    void anEncoderEmbedsWhatItsTokenizerReads() throws IOException {
        Path file = folder.resolve("encoder");
        new SyntheticModel(ModelShape.named("tiny-encoder"), Mixture.Q4_K_M, false).write(file, 1, written -> {});
        try (Model model = Model.open(file)) {
            String text = "hva er hovedstaden i norge";
            assertEquals(text, model.tokenizer().decode(model.tokenizer().encode(text)));
            Embedder embedder = model.newEmbedder();
            assertEquals(256, embedder.dimensions());
            assertEquals(512, embedder.maxTokens());
            assertEquals(Pooling.CLS, embedder.pooling());
            assertEquals(1, embedder.embed(text).cosine(embedder.embed(text)), 1e-6);
        }
    }

    /** From Llama 3.2's own factors, as its GGUF files have them: 1 for the fast frequencies, 32 for the slow. */
    @Test
    void ropeFactorsAreThoseOfLlama3() throws IOException {
        ModelShape tiny = ModelShape.named("tiny");
        ModelShape scaled =
                new ModelShape("scaled", 256, 1, 4, 2, 64, 256, tiny.vocabulary(), true, 500_000, 32, 131_072);
        Path path = folder.resolve("scaled");
        new SyntheticModel(scaled, Mixture.F16, false).write(path, 1, written -> {});
        try (GgufFile file = GgufFile.open(path)) {
            float[] factors =
                    file.data(file.tensor("rope_freqs.weight").orElseThrow()).toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
            assertEquals(32, factors.length);
            assertEquals(1, factors[0]);
            assertEquals(1, factors[13]);
            assertEquals(32, factors[18]);
            assertEquals(32, factors[31]);
            for (int i = 1; i < factors.length; i++) {
                assertTrue(factors[i] >= factors[i - 1], Arrays.toString(factors));
            }
        }
    }

    @Test
    void unknownNamesListTheKnownOnes() {
        assertTrue(assertThrows(IllegalArgumentException.class, () -> ModelShape.named("gpt-9"))
                .getMessage()
                .contains("normistral-7b"));
    }
}
