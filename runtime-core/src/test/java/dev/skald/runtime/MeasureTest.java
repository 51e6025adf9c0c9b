package dev.skald.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.runtime.generate.Session;
import dev.skald.runtime.measure.Divergence;
import dev.skald.runtime.measure.Perplexity;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Perplexity and divergence compared with plain calculations, and what they refuse. */
class MeasureTest {
    private static final int CONTEXT = 16;
    private static final int FIRST = 8;
    private static final int COUNTED = 7;

    @TempDir
    static Path folder;

    private static Model model;
    private static Model other;
    private static int[] tokens;
    private static int vocabulary;

    @BeforeAll
    static void open() throws IOException {
        TestModel shape = new TestModel();
        model = Model.open(shape.write(folder.resolve("model.gguf")), o -> o.threads(2));
        other = Model.open(new TestModel().untied().write(folder.resolve("other.gguf")), o -> o.threads(2));
        tokens = shape.randomTokens(3 * CONTEXT + 5);
        vocabulary = model.vocabularySize();
    }

    @AfterAll
    static void close() {
        model.close();
        other.close();
    }

    /** The log-probabilities after each token of a chunk, in float64, in one piece. */
    private static double[][] logProbabilities(Model of, int chunk) {
        int[] input = Arrays.copyOfRange(tokens, chunk * CONTEXT, (chunk + 1) * CONTEXT);
        if (of.tokenizer().addsBos()) {
            input[0] = of.tokenizer().bos().getAsInt();
        }
        try (Session session = of.newSession()) {
            float[] logits = session.logits(input);
            double[][] all = new double[CONTEXT][vocabulary];
            for (int i = 0; i < CONTEXT; i++) {
                double sum = 0;
                for (int t = 0; t < vocabulary; t++) {
                    sum += Math.exp(logits[i * vocabulary + t]);
                }
                for (int t = 0; t < vocabulary; t++) {
                    all[i][t] = logits[i * vocabulary + t] - Math.log(sum);
                }
            }
            return all;
        }
    }

    @Test
    void perplexityIsThatOfTheSecondHalves() throws IOException {
        List<Double> nll = new ArrayList<>();
        for (int chunk = 0; chunk < 3; chunk++) {
            double[][] p = logProbabilities(model, chunk);
            for (int i = FIRST; i < CONTEXT - 1; i++) {
                nll.add(-p[i][tokens[chunk * CONTEXT + i + 1]]);
            }
        }
        double mean = nll.stream().mapToDouble(v -> v).average().getAsDouble();
        double variance = nll.stream().mapToDouble(v -> (v - mean) * (v - mean)).sum() / nll.size() / (nll.size() - 1);
        List<Perplexity> running = new ArrayList<>();
        Perplexity all =
                Perplexity.measure(model, tokens, o -> o.context(CONTEXT).progress(running::add));
        assertEquals(3 * COUNTED, all.tokens());
        assertEquals(mean, all.nll().value(), 1e-5);
        assertEquals(Math.exp(mean), all.value(), 1e-5 * Math.exp(mean));
        assertEquals(Math.sqrt(variance) * Math.exp(mean), all.error(), 1e-4 * Math.exp(mean));
        assertEquals(List.of(1, 2, 3), running.stream().map(Perplexity::chunks).toList());
        assertEquals(all, running.getLast());
        Perplexity one =
                Perplexity.measure(model, tokens, o -> o.context(CONTEXT).chunks(1));
        assertEquals(running.getFirst().nll(), one.nll());
    }

    /** Computes the definition over the whole vocabulary; the base's log-probabilities are within 1.3e-4 of the exact ones. */
    @Test
    void divergenceIsThatOfTheSecondHalves() throws IOException {
        double kl = 0;
        double change = 0;
        int same = 0;
        for (int chunk = 0; chunk < 3; chunk++) {
            double[][] base = logProbabilities(other, chunk);
            double[][] own = logProbabilities(model, chunk);
            for (int i = FIRST; i < CONTEXT - 1; i++) {
                for (int t = 0; t < vocabulary; t++) {
                    kl += Math.exp(base[i][t]) * (base[i][t] - own[i][t]) / (3 * COUNTED);
                }
                int next = tokens[chunk * CONTEXT + i + 1];
                change += (Math.exp(own[i][next]) - Math.exp(base[i][next])) / (3 * COUNTED);
                same += top(base[i]) == top(own[i]) ? 1 : 0;
            }
        }
        Divergence all = Divergence.measure(model, base(other, "kl.kld"));
        assertEquals(kl, all.kl().mean().value(), 3e-4);
        assertEquals(change, all.change().mean().value(), 1e-6);
        assertEquals((double) same / (3 * COUNTED), all.sameTop().value(), 1e-12);
        assertEquals(
                Perplexity.measure(other, tokens, o -> o.context(CONTEXT)).value(),
                all.base().value(),
                1e-4);
        assertEquals(all.model().value() / all.base().value(), all.ratio().value(), 1e-9);
    }

    @Test
    void aModelDoesNotDivergeFromItself() throws IOException {
        Divergence all = Divergence.measure(model, base(model, "self.kld"));
        assertEquals(0, all.kl().mean().value(), 1.3e-4);
        assertEquals(1, all.sameTop().value());
        assertEquals(0, all.rmsChange().value(), 1e-6);
        assertEquals(1, all.ratio().value(), 1e-6);
        assertEquals(0, all.ratio().error(), 1e-4);
        assertEquals(1, all.correlation(), 1e-6);
    }

    /** A file as llama.cpp writes it, made by hand: all tokens are equally probable, so all codes are 0. */
    @Test
    void readsABaseOfLlamaCpp() throws IOException {
        int width = vocabulary + vocabulary % 2;
        ByteBuffer bytes = ByteBuffer.allocate(20 + 4 * CONTEXT + COUNTED * (8 + 2 * width))
                .order(ByteOrder.LITTLE_ENDIAN);
        bytes.put("_logits_".getBytes(StandardCharsets.US_ASCII))
                .putInt(CONTEXT)
                .putInt(vocabulary)
                .putInt(1);
        for (int i = 0; i < CONTEXT; i++) {
            bytes.putInt(tokens[i]);
        }
        for (int i = 0; i < COUNTED; i++) {
            bytes.putFloat(0).putFloat((float) -Math.log(vocabulary)).position(bytes.position() + 2 * width);
        }
        Divergence all = Divergence.measure(model, Files.write(folder.resolve("llama.kld"), bytes.array()));
        double expected = 0;
        double[][] own = logProbabilities(model, 0);
        for (int i = FIRST; i < CONTEXT - 1; i++) {
            for (int t = 0; t < vocabulary; t++) {
                expected += (-Math.log(vocabulary) - own[i][t]) / vocabulary / COUNTED;
            }
        }
        assertEquals(expected, all.kl().mean().value(), 1e-5);
        assertEquals(vocabulary, all.base().value(), 1e-3 * vocabulary);
    }

    @Test
    void aTextOfLessThanTwoContextsIsRefused() {
        Exception e = assertThrows(
                IllegalArgumentException.class,
                () -> Perplexity.measure(model, Arrays.copyOf(tokens, 31), o -> o.context(CONTEXT)));
        assertEquals(
                "the text has 31 tokens, and two contexts of 16 need 32: give a longer text, or a shorter context",
                e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 7})
    void anOptionOutOfRangeIsRefused(int value) {
        assertThrows(IllegalArgumentException.class, () -> Perplexity.measure(model, tokens, o -> o.context(value)));
        assertThrows(
                IllegalArgumentException.class,
                () -> Perplexity.measure(model, tokens, o -> o.chunks(Math.min(0, value))));
    }

    @Test
    void anInterruptEndsItAndLeavesNoFile() throws IOException {
        Path file = folder.resolve("interrupted.kld");
        try {
            assertThrows(
                    CancellationException.class,
                    () -> Perplexity.measure(
                            model,
                            tokens,
                            o -> o.context(CONTEXT)
                                    .saveBase(file)
                                    .progress(running -> Thread.currentThread().interrupt())));
        } finally {
            assertTrue(Thread.interrupted());
        }
        assertFalse(Files.exists(file));
        try (var files = Files.list(folder)) {
            assertTrue(files.noneMatch(f -> f.toString().endsWith(".part")));
        }
    }

    /** Damage: one bit of the header, of a token, of a row, of a value and of a checksum; and a file that is cut off. */
    @ParameterizedTest
    @CsvSource({
        "0, no file of log-probabilities",
        "8, damaged",
        "12, damaged",
        "17, damaged",
        "21, damaged",
        "300, damaged",
        "-1, damaged",
        "-20, damaged"
    })
    void aDamagedBaseIsRefused(int at, String message) throws IOException {
        byte[] bytes = Files.readAllBytes(base(other, "damaged.kld"));
        bytes[Math.floorMod(at, bytes.length)] ^= 16;
        refused(bytes, message);
    }

    @ParameterizedTest
    @CsvSource({"0, no file of log-probabilities", "10, no file of log-probabilities", "20, damaged", "5000, damaged"})
    void aBaseThatEndsEarlyIsRefused(int length, String message) throws IOException {
        refused(Arrays.copyOf(Files.readAllBytes(base(other, "damaged.kld")), length), message);
    }

    private static void refused(byte[] bytes, String message) throws IOException {
        Path file = Files.write(folder.resolve("damaged.kld"), bytes);
        Exception e = assertThrows(IOException.class, () -> Divergence.measure(model, file));
        assertTrue(e.getMessage().startsWith(file.toString()), e.getMessage());
        assertTrue(e.getMessage().contains(message), e.getMessage());
    }

    @Test
    void anotherVocabularyIsRefused() throws IOException {
        try (Model strange = Model.open(
                new TestModel().vocabulary(TestVocabulary.bytePairs()).write(folder.resolve("strange.gguf")))) {
            Path base = base(other, "strange.kld");
            Exception e = assertThrows(IllegalArgumentException.class, () -> Divergence.measure(strange, base));
            assertTrue(e.getMessage().contains(String.valueOf(strange.vocabularySize())), e.getMessage());
        }
    }

    private static Path base(Model of, String name) throws IOException {
        Path file = folder.resolve(name);
        Perplexity.measure(of, tokens, o -> o.context(CONTEXT).saveBase(file).overwrite(true));
        return file;
    }

    private static int top(double[] values) {
        int top = 0;
        for (int i = 1; i < values.length; i++) {
            top = values[i] > values[top] ? i : top;
        }
        return top;
    }
}
