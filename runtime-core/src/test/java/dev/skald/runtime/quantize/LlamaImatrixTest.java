package dev.skald.runtime.quantize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.runtime.Golden;
import dev.skald.runtime.Model;
import dev.skald.runtime.measure.Stories;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Compared with llama-imatrix of February 2025 for stories260K in F32, with a context of 256 and a float32 cache. */
class LlamaImatrixTest {
    /** It sums 3072 terms in float32, one after another, so a sum errs by up to 3072 x 2^-24. Twice that is allowed. */
    private static final double TOLERANCE = 2 * 3072 * 0x1p-24;

    private static ImportanceMatrix matrix;

    @BeforeAll
    static void collect() throws IOException {
        try (Model model = open()) {
            matrix = ImportanceMatrix.collect(
                    model, Stories.text(), o -> o.context(256).dataset("stories.txt"));
        }
    }

    /** The first three columns, the last one, and the sum of all. */
    @ParameterizedTest
    @CsvSource({
        "blk.0.attn_q.weight, 64, 0.407006741, 0.502031207, 0.346978664, 0.582162221, 82.3570753",
        "blk.0.attn_v.weight, 64, 0.407006741, 0.502031207, 0.346978664, 0.582162221, 82.3570753",
        "blk.2.attn_output.weight, 64, 0.112907867, 0.123927842, 0.229874154, 0.0397849878, 5.72446098",
        "blk.4.ffn_up.weight, 64, 0.570492665, 1.05069892, 0.888239622, 0.800533215, 59.6149863",
        "blk.4.ffn_down.weight, 172, 0.208726605, 0.256286263, 0.192820847, 0.321416775, 56.902458"
    })
    void meansAreLlamaCpps(
            String tensor, int columns, double first, double second, double third, double last, double sum)
            throws IOException {
        float[] means = matrix.of(tensor).orElseThrow();
        assertEquals(columns, means.length);
        double[] found = {means[0], means[1], means[2], means[columns - 1]};
        double[] expected = {first, second, third, last};
        for (int i = 0; i < 4; i++) {
            assertEquals(expected[i], found[i], TOLERANCE * expected[i], tensor + " " + Arrays.toString(found));
        }
        double all = 0;
        for (float mean : means) {
            all += mean;
        }
        assertEquals(sum, all, TOLERANCE * sum);
    }

    /** Seven matrices in each of five blocks, as in its file. */
    @Test
    void tensorsAreLlamaCpps() {
        assertEquals(35, matrix.tensors().size());
        assertEquals(12, matrix.chunks());
        assertEquals(256, matrix.chunkSize());
        assertEquals(List.of("stories.txt"), matrix.datasets());
    }

    /** The same chunks in two runs have the same sums, up to float32's last digit. */
    @Test
    void goesOnFromAnotherMatrix() throws IOException {
        try (Model model = open()) {
            ImportanceMatrix five = ImportanceMatrix.collect(
                    model, Stories.text(), o -> o.context(256).chunks(5));
            ImportanceMatrix both = five.plus(ImportanceMatrix.collect(
                    model, Stories.text(), o -> o.context(256).skip(5)));
            assertEquals(12, both.chunks());
            float[] expected = matrix.of("blk.3.ffn_down.weight").orElseThrow();
            float[] found = both.of("blk.3.ffn_down.weight").orElseThrow();
            for (int i = 0; i < expected.length; i++) {
                assertEquals(expected[i], found[i], 1e-6f * expected[i]);
            }
        }
    }

    @Test
    void tellsHowFarItHasCome() throws IOException {
        List<String> seen = new ArrayList<>();
        try (Model model = open()) {
            ImportanceMatrix.collect(
                    model,
                    Stories.text(),
                    o -> o.context(256)
                            .chunks(2)
                            .progress(p -> seen.add(p.chunks() + " of " + p.allChunks() + ": "
                                    + p.soFar().get())));
        }
        assertEquals(
                List.of("1 of 2: 35 tensors, 1 chunks of 256 tokens", "2 of 2: 35 tensors, 2 chunks of 256 tokens"),
                seen);
    }

    @Test
    void anInterruptEndsIt() throws IOException {
        try (Model model = open()) {
            assertThrows(
                    CancellationException.class,
                    () -> ImportanceMatrix.collect(
                            model,
                            Stories.text(),
                            o -> o.context(256)
                                    .progress(p -> Thread.currentThread().interrupt())));
        } finally {
            assertTrue(Thread.interrupted());
        }
    }

    @Test
    void whatIsLeftAfterTheSkippedMustBeTwoContexts() throws IOException {
        try (Model model = open()) {
            Exception e = assertThrows(
                    IllegalArgumentException.class,
                    () -> ImportanceMatrix.collect(
                            model, Stories.text(), o -> o.context(256).skip(11)));
            assertTrue(e.getMessage().contains("after the 11 chunks left out"), e.getMessage());
        }
    }

    private static Model open() throws IOException {
        return Model.open(Golden.path("models/stories260K-F32.gguf"), o -> o.exact(true));
    }
}
