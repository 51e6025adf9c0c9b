package dev.skald.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.skald.gguf.GgmlType;
import dev.skald.runtime.generate.Session;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every feature of the Llama family, with tokens fed in several ways, compared with {@link ReferenceForward}. */
@Tag("kernels")
class ForwardTest {
    /**
     * Logits here are below 10 (below 30 where a scale stretches them), and each is a chain of some ten sums of up to 100
     * products; float32 rounds each to 6e-8 of its size. That makes about 1e-5; an error of the formula, such as a window
     * one too long, moves logits by more than 1e-2.
     */
    static final float TOLERANCE = 1e-4f;

    private static final int TOKENS = 24;

    @TempDir
    static Path folder;

    private static final Map<String, Written> WRITTEN = new ConcurrentHashMap<>();

    private record Written(Path file, int[] tokens, double[][] logits) {}

    record Quirk(String name, TestModel model) {
        @Override
        public String toString() {
            return name;
        }

        /** The file and its reference logits, made once. */
        Written written(int tokens) {
            return WRITTEN.computeIfAbsent(name + " " + tokens, key -> {
                Path file = model.write(folder.resolve(key.replace(' ', '-') + ".gguf"));
                int[] text = model.randomTokens(tokens);
                return new Written(file, text, new ReferenceForward(file).logits(text));
            });
        }
    }

    private static Quirk quirk(String name, TestModel model) {
        return new Quirk(name, model);
    }

    private static TestModel model() {
        return new TestModel();
    }

    private static TestModel yarn(double factor) {
        return model().with("rope.scaling.type", "yarn")
                .with("rope.scaling.factor", (float) factor)
                .with("rope.scaling.original_context_length", 32);
    }

    private static TestModel llama3() {
        return model().with("rope.scaling.type", "llama3")
                .with("rope.scaling.factor", 8f)
                .with("rope.scaling.original_context_length", 64);
    }

    static Stream<Quirk> quirks() {
        float[] factors = {1, 1.5f, 2, 4, 8, 8, 8, 8};
        return Stream.of(
                quirk("plain", model()),
                quirk("no sharing of KV heads", model().heads(4, 4)),
                quirk("no key for KV heads", model().heads(4, 4).with("attention.head_count_kv", null)),
                quirk("one KV head", model().heads(4, 1)),
                quirk("nine heads on three", model().width(72, 100).heads(9, 3).headSize(8, 8)),
                quirk("one head", model().layers(1).heads(1, 1).headSize(64, 64)),
                quirk("heads wider than the model", model().headSize(32, 32)),
                quirk("heads narrower than the model", model().headSize(8, 8)),
                quirk("keys longer than values", model().headSize(24, 16)),
                quirk("values longer than keys", model().headSize(16, 40)),
                quirk(
                        "no size a multiple of a vector",
                        model().width(35, 51).heads(3, 1).headSize(10, 7)),
                quirk("odd width", model().width(33, 37).heads(3, 3).headSize(2, 1)),
                quirk("four layers", model().layers(4)),
                quirk("own output", model().untied()),
                quirk("BPE vocabulary", model().vocabulary(TestVocabulary.bytePairs())),
                quirk(
                        "counts for each layer",
                        model().with("attention.head_count", new int[] {4, 4})
                                .with("attention.head_count_kv", new int[] {2, 2})
                                .with("feed_forward_length", new int[] {96, 96})),
                quirk("large epsilon", model().with("attention.layer_norm_rms_epsilon", 0.5f)),
                quirk("attention biases", model().attentionBiases()),
                quirk("output bias", model().outputBias()),
                quirk("feed-forward biases", model().ffnBiases()),
                quirk("norms of queries and keys", model().headNorms()),
                quirk("part of a head turned", model().with("rope.dimension_count", 10)),
                quirk("rope base", model().with("rope.freq_base", 500f)),
                quirk("linear", model().with("rope.scaling.type", "linear").with("rope.scaling.factor", 4f)),
                quirk("linear without a type", model().with("rope.scaling.factor", 4f)),
                quirk("linear as in 2023", model().with("rope.scale_linear", 4f)),
                quirk("no scaling", model().with("rope.scaling.type", "none").with("rope.scaling.factor", 4f)),
                quirk("attention factor", model().with("rope.scaling.attn_factor", 1.3f)),
                quirk("yarn", yarn(4)),
                quirk(
                        "yarn as llama.cpp saves it",
                        yarn(4).with("rope.scaling.yarn_ext_factor", -1f)
                                .with("rope.scaling.yarn_attn_factor", 1f)
                                .with("rope.scaling.yarn_log_multiplier", 0f)),
                quirk("yarn of the whole context", yarn(4).with("rope.scaling.original_context_length", null)),
                quirk(
                        "yarn with its ramp",
                        yarn(16).with("rope.scaling.yarn_beta_fast", 4f)
                                .with("rope.scaling.yarn_beta_slow", 0.05f)
                                .with("rope.scaling.attn_factor", 0.9f)),
                quirk("rope factors", model().withTensor("rope_freqs.weight", factors)),
                quirk("llama3", llama3()),
                quirk(
                        "llama3 with its ramp",
                        llama3().with("rope.scaling.low_freq_factor", 0.1f).with("rope.scaling.high_freq_factor", 9f)),
                quirk("llama3 with factors", llama3().withTensor("rope_freqs.weight", factors)),
                quirk("window of 1", model().with("attention.sliding_window", 1)),
                quirk("window of 5", model().with("attention.sliding_window", 5)),
                quirk("window of 16", model().with("attention.sliding_window", 16)),
                quirk(
                        "window but in each third layer",
                        model().layers(4)
                                .with("attention.sliding_window", 5)
                                .with("attention.sliding_window_pattern", 3)),
                quirk(
                        "window in layers that are named",
                        model().layers(3)
                                .with("attention.sliding_window", 5)
                                .with("attention.sliding_window_pattern", new boolean[] {true, false, true})),
                quirk(
                        "qwen3 with a window in each other layer",
                        model().arch("qwen3")
                                .headNorms()
                                .with("attention.sliding_window", 4)
                                .with("attention.sliding_window_pattern", 2)),
                quirk(
                        "numbers that are not set",
                        model().with("attention.sliding_window", -1)
                                .with("expert_count", -1)
                                .with("pooling_type", 4294967295L)),
                quirk("window of 17", model().with("attention.sliding_window", 17)),
                quirk("attention scale", model().with("attention.scale", 0.5f)),
                quirk("embedding scale", model().with("embedding_scale", 12f)),
                quirk("residual scale", model().with("residual_scale", 0.22f)),
                quirk("logit scale", model().with("logit_scale", 0.125f)),
                quirk(
                        "granite",
                        model().arch("granite")
                                .with("attention.scale", 0.1f)
                                .with("embedding_scale", 12f)
                                .with("residual_scale", 0.22f)
                                .with("logit_scale", 8f)),
                quirk("qwen2", model().arch("qwen2").attentionBiases()),
                quirk("qwen2 part of a head turned", model().arch("qwen2").with("rope.dimension_count", 10)),
                quirk("qwen3", model().arch("qwen3").headSize(32, 32).headNorms()),
                quirk("F16", model().type(GgmlType.F16)),
                quirk("BF16", model().type(GgmlType.BF16)),
                quirk("Q8_0", model().type(GgmlType.Q8_0).untied()),
                quirk("Q4_0", model().type(GgmlType.Q4_0)),
                quirk("factors beside matrices", scaled(model())),
                quirk(
                        "factors and biases",
                        scaled(model().attentionBiases().outputBias().ffnBiases())),
                quirk(
                        "NVFP4 as converters write it",
                        scaled(model().type(GgmlType.NVFP4).width(64, 128))));
    }

    /** With the factors of NVFP4 files. Those for inputs are not used. */
    private static TestModel scaled(TestModel model) {
        return model.untied()
                .withTensor("blk.0.attn_q.scale", 0.7f)
                .withTensor("blk.0.attn_q.input_scale", 3f)
                .withTensor("blk.1.attn_k.scale", 1.3f)
                .withTensor("blk.0.attn_v.scale", 0.9f)
                .withTensor("blk.1.attn_output.scale", -0.6f)
                .withTensor("blk.1.ffn_gate.scale", 1.4f)
                .withTensor("blk.0.ffn_up.scale", 1.1f)
                .withTensor("blk.1.ffn_down.scale", 0.75f)
                .withTensor("blk.1.ffn_down.input_scale", 0.01f)
                .withTensor("output.scale", 1.2f);
    }

    /** How a text is fed: the number of tokens in a call, and the number that is computed at a time. */
    enum Feeding {
        AT_ONCE(TOKENS, 256),
        IN_SEVENS_OF_5_AND_2(7, 5),
        ONE_BY_ONE(1, 256);

        private final int call;
        private final int batch;

        Feeding(int call, int batch) {
            this.call = call;
            this.batch = batch;
        }
    }

    static Stream<Arguments> quirksAndFeedings() {
        return quirks().flatMap(quirk -> Stream.of(Feeding.values()).map(feeding -> Arguments.of(quirk, feeding)));
    }

    /** On one thread, because the number of threads changes no bit, as {@link GoldenLogitsTest} shows. */
    @ParameterizedTest
    @MethodSource("quirksAndFeedings")
    void logitsAreThoseOfTheDefinitions(Quirk quirk, Feeding feeding) throws IOException {
        Written w = quirk.written(TOKENS);
        try (Model model = Model.open(w.file, o -> o.exact(true).threads(1).batchSize(feeding.batch));
                Session session = model.newSession()) {
            for (int from = 0; from < TOKENS; from += feeding.call) {
                int to = Math.min(TOKENS, from + feeding.call);
                float[] logits = session.logits(Arrays.copyOfRange(w.tokens, from, to));
                assertLogits(w.logits, from, logits);
            }
        }
    }

    static Stream<Quirk> matrices() {
        return Stream.of(
                quirk("plain", model()),
                quirk("F16", model().type(GgmlType.F16)),
                quirk("BF16", model().type(GgmlType.BF16)),
                quirk("Q8_0", model().type(GgmlType.Q8_0).untied()),
                quirk("Q4_0", model().type(GgmlType.Q4_0)),
                quirk(
                        "factors and biases",
                        scaled(model().attentionBiases().outputBias().ffnBiases())),
                quirk(
                        "no size a multiple of a vector",
                        model().width(35, 51).heads(3, 1).headSize(10, 7)));
    }

    /** By default, weights are packed if this JVM has vectors. */
    @ParameterizedTest
    @MethodSource("matrices")
    void weightsUsedInPlaceGiveTheSame(Quirk quirk) throws IOException {
        Written w = quirk.written(TOKENS);
        try (Model model = Model.open(w.file, o -> o.exact(true).threads(1).packed(false));
                Session session = model.newSession()) {
            assertLogits(w.logits, 0, session.logits(Arrays.copyOf(w.tokens, TOKENS - 1)));
            assertLogits(w.logits, TOKENS - 1, session.feed(w.tokens[TOKENS - 1]));
        }
    }

    /** A page of the cache has 64 positions and a group of keys 16; a window's first position is anywhere in both. */
    static Stream<Quirk> borders() {
        return Stream.of(
                quirk("plain", model()),
                quirk("window of 3", model().with("attention.sliding_window", 3)),
                quirk("window of 33", model().with("attention.sliding_window", 33)),
                quirk("window of 64", model().with("attention.sliding_window", 64)),
                quirk(
                        "no size a multiple of a vector",
                        model().width(35, 51).heads(3, 1).headSize(10, 7)));
    }

    static Stream<Arguments> bordersAndLengths() {
        return borders()
                .flatMap(
                        quirk -> IntStream.of(16, 63, 64, 65, 66, 130).mapToObj(length -> Arguments.of(quirk, length)));
    }

    @ParameterizedTest
    @MethodSource("bordersAndLengths")
    void groupsAndPagesOfTheCacheHaveNoSeams(Quirk quirk, int length) throws IOException {
        Written w = quirk.written(132);
        try (Model model = Model.open(w.file, o -> o.exact(true).threads(1));
                Session session = model.newSession()) {
            assertLogits(w.logits, length - 1, session.feed(Arrays.copyOf(w.tokens, length)));
            assertLogits(w.logits, length, session.feed(w.tokens[length]));
            assertLogits(w.logits, length + 1, session.feed(w.tokens[length + 1]));
        }
    }

    @Test
    void sequencesOfDifferentLengthsTakeOneStepTogether() throws IOException {
        TestModel plain = model();
        Path file = plain.write(folder.resolve("sequences.gguf"));
        int[] lengths = {5, 62, 1, 129};
        int[][] texts =
                IntStream.of(lengths).mapToObj(n -> plain.randomTokens(n + 4)).toArray(int[][]::new);
        double[][][] expected = Stream.of(texts)
                .map(text -> new ReferenceForward(file).logits(text))
                .toArray(double[][][]::new);
        try (Model model = Model.open(file, o -> o.exact(true).threads(2).batchSize(3));
                Session session = model.newSession(o -> o.sequences(4))) {
            for (int s = 0; s < 4; s++) {
                float[] logits = session.feedSequence(s, Arrays.copyOf(texts[s], lengths[s]));
                assertLogits(expected[s], lengths[s] - 1, logits);
            }
            // Sequence 2 is not part of the last step.
            for (int[] order : new int[][] {{0, 1, 2, 3}, {3, 1, 0, 2}, {2, 3, 1, 0}, {1, 3, 0}}) {
                int[] tokens = IntStream.of(order)
                        .map(s -> texts[s][session.length(s)])
                        .toArray();
                float[] logits = session.step(order, tokens);
                for (int i = 0; i < order.length; i++) {
                    float[] own = Arrays.copyOfRange(logits, i * plain.tokens(), (i + 1) * plain.tokens());
                    assertLogits(expected[order[i]], session.length(order[i]) - 1, own);
                }
            }
            assertEquals(lengths[2] + 3, session.length(2));
            assertEquals(lengths[3] + 4, session.length(3));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 15, 16, 17, 63, 64, 65, 127, 128, 129})
    void anotherTextGoesOnWhereOneWasCutOff(int kept) throws IOException {
        TestModel plain = model();
        Path file = plain.write(folder.resolve("truncate-" + kept + ".gguf"));
        int[] first = plain.randomTokens(130);
        int[] second = Arrays.copyOf(first, kept + 3);
        System.arraycopy(plain.randomTokens(3), 0, second, kept, 3);
        double[][] expected = new ReferenceForward(file).logits(second);
        try (Model model = Model.open(file, o -> o.exact(true).threads(2));
                Session session = model.newSession()) {
            session.feed(first);
            session.truncate(0, kept);
            assertEquals(kept, session.length(0));
            assertLogits(expected, kept, session.logits(second[kept], second[kept + 1]));
            assertLogits(expected, kept + 2, session.feed(second[kept + 2]));
        }
    }

    private static void assertLogits(double[][] expected, int from, float[] logits) {
        int vocabulary = expected[0].length;
        assertEquals(0, logits.length % vocabulary);
        for (int i = 0; i < logits.length; i++) {
            int token = from + i / vocabulary;
            int id = i % vocabulary;
            assertEquals(expected[token][id], logits[i], (double) TOLERANCE, () -> "token " + token + ", logit " + id);
        }
    }
}
