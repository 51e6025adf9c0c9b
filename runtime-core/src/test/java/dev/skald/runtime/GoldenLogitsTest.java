package dev.skald.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skald.runtime.generate.Session;
import java.io.IOException;
import java.util.Arrays;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every model of {@code golden/logits}, each with a feature of the Llama family, compared with llama.cpp's float32 logits. */
@Tag("kernels")
class GoldenLogitsTest {
    /** The largest error of a float32 forward pass with exact scales; see the README of the golden files. */
    private static final float TOLERANCE = 1e-4f;

    record Case(String model, int[] tokens, int vocabulary, float[] logits, int[] greedy) {
        @Override
        public String toString() {
            return model;
        }

        Model open(int threads, boolean packed) throws IOException {
            return Model.open(
                    Golden.path("golden/logits/" + model),
                    o -> o.exact(true).threads(threads).packed(packed));
        }
    }

    static Stream<Case> models() {
        return StreamSupport.stream(Golden.json("golden/logits/index.json").spliterator(), false)
                .map(node -> new Case(
                        node.get("model").asText(),
                        ints(node.get("tokens")),
                        node.get("vocab").asInt(),
                        Golden.floats("golden/logits/" + node.get("logits").asText()),
                        ints(node.get("greedy"))));
    }

    static Stream<Arguments> chunks() {
        return models().flatMap(c -> Stream.concat(
                Stream.of(1, 7, 16, c.tokens().length).map(chunk -> Arguments.of(c, chunk, true)),
                Stream.of(1, c.tokens().length).map(chunk -> Arguments.of(c, chunk, false))));
    }

    @ParameterizedTest
    @MethodSource("chunks")
    void logitsAgreeHoweverTheTokensAreFed(Case c, int chunk, boolean packed) throws IOException {
        try (Model model = c.open(2, packed);
                Session session = model.newSession()) {
            for (int from = 0; from < c.tokens.length; from += chunk) {
                int to = Math.min(c.tokens.length, from + chunk);
                float[] logits = session.logits(Arrays.copyOfRange(c.tokens, from, to));
                assertEquals((to - from) * c.vocabulary, logits.length);
                for (int i = 0; i < logits.length; i++) {
                    assertEquals(c.logits[from * c.vocabulary + i], logits[i], TOLERANCE);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void logitsAreTheSameToTheBitOnAnyNumberOfThreads(Case c) throws IOException {
        for (boolean exact : new boolean[] {true, false}) {
            float[] one = logits(c, 1, exact);
            assertArrayEquals(one, logits(c, 2, exact));
            assertArrayEquals(one, logits(c, 3, exact));
        }
    }

    private static float[] logits(Case c, int threads, boolean exact) throws IOException {
        try (Model model = Model.open(
                        Golden.path("golden/logits/" + c.model),
                        o -> o.exact(exact).threads(threads));
                Session session = model.newSession()) {
            float[] fed = session.logits(Arrays.copyOf(c.tokens, 20));
            float[] out = Arrays.copyOf(fed, fed.length + 4 * c.vocabulary);
            for (int i = 0; i < 4; i++) {
                System.arraycopy(session.feed(c.tokens[20 + i]), 0, out, fed.length + i * c.vocabulary, c.vocabulary);
            }
            return out;
        }
    }

    /** Feeds the given tokens, so that a near tie counts once and does not change the tokens after it. */
    @ParameterizedTest
    @MethodSource("models")
    void greedyTokensAgreeWhereTheyAreNoTie(Case c) throws IOException {
        try (Model model = c.open(2, true);
                Session session = model.newSession()) {
            float[] logits = session.feed(c.tokens);
            for (int token : c.greedy) {
                float best = Float.NEGATIVE_INFINITY;
                for (float logit : logits) {
                    best = Math.max(best, logit);
                }
                assertTrue(logits[token] >= best - 2 * TOLERANCE, token + ": " + logits[token] + " against " + best);
                logits = session.feed(token);
            }
        }
    }

    private static int[] ints(JsonNode node) {
        return StreamSupport.stream(node.spliterator(), false)
                .mapToInt(JsonNode::asInt)
                .toArray();
    }
}
