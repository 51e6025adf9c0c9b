package dev.skald.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.gguf.GgufFormatException;
import dev.skald.runtime.generate.Generation;
import dev.skald.runtime.generate.GenerationOptions;
import dev.skald.runtime.generate.Session;
import dev.skald.runtime.generate.Token;
import dev.skald.runtime.sampling.Sampler;
import dev.skald.runtime.sampling.SamplerOptions;
import dev.skald.runtime.sampling.Temperature;
import dev.skald.runtime.sampling.TopK;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A setting that a file recommends is used unless the caller sets it. */
class RecommendedSamplingTest {
    private static final int[] PROMPT = {1, 270, 280, 290};
    private static final int LENGTH = 24;

    @TempDir
    Path folder;

    private Model open(Map<String, Object> recommended) throws IOException {
        TestModel model = new TestModel();
        recommended.forEach((name, value) -> model.withKey("general.sampling." + name, value));
        return Model.open(
                model.write(Files.createTempDirectory(folder, "model").resolve("model.gguf")), o -> o.threads(1));
    }

    private static List<Integer> generate(Model model, Consumer<GenerationOptions> settings) {
        List<Integer> ids = new ArrayList<>();
        try (Session session = model.newSession();
                Generation generation = session.generate(
                        PROMPT, settings.andThen(o -> o.maxTokens(LENGTH).ignoreEnd(true)))) {
            generation.forEach(token -> ids.add(token.id()));
        }
        return ids;
    }

    /** Settings that leave only the most probable token. */
    static Stream<Map<String, Object>> certain() {
        return Stream.of(Map.of("temp", 0f), Map.of("top_k", 1), Map.of("top_p", 0f), Map.of("min_p", 1f));
    }

    @ParameterizedTest
    @MethodSource("certain")
    void isFollowed(Map<String, Object> recommended) throws IOException {
        try (Model model = open(recommended)) {
            assertEquals(generate(model, GenerationOptions::greedy), generate(model, o -> o.seed(1)));
        }
    }

    @ParameterizedTest
    @MethodSource("certain")
    void isReplacedByWhatTheCallerSets(Map<String, Object> recommended) throws IOException {
        try (Model model = open(recommended)) {
            long texts = LongStream.range(0, 4)
                    .mapToObj(seed -> generate(
                            model, o -> o.temperature(1).topK(0).topP(1).minP(0).seed(seed)))
                    .distinct()
                    .count();
            assertEquals(4, texts);
        }
    }

    @Test
    void penaltiesKeepTokensFromComingTwice() throws IOException {
        try (Model model = open(Map.of("temp", 0f, "penalty_repeat", 1e6f, "penalty_last_n", 64))) {
            List<Integer> ids = generate(model, o -> {});
            assertEquals(LENGTH, ids.stream().distinct().count(), ids::toString);
        }
    }

    @Test
    void penaltiesOverNoTokensChangeNothing() throws IOException {
        try (Model model = open(Map.of("temp", 0f, "penalty_repeat", 1e6f, "penalty_last_n", 0))) {
            assertEquals(generate(model, o -> o.sampler(s -> s.repeatPenalty(1))), generate(model, o -> {}));
        }
    }

    /** Of two candidates, both top choices, the less probable stays. */
    @Test
    void topChoicesAreExcluded() throws IOException {
        try (Model model =
                        open(Map.of("top_k", 2, "min_p", 0f, "top_p", 1f, "xtc_probability", 1f, "xtc_threshold", 0f));
                Generation generation =
                        model.newSession().generate(PROMPT, o -> o.maxTokens(1).logprobs(2))) {
            Token token = generation.iterator().next();
            assertEquals(token.logprobs().orElseThrow().top().get(1).token(), token.id());
        }
    }

    static Stream<Arguments> bad() {
        return Stream.of(
                Arguments.of("temp", Float.NaN),
                Arguments.of("temp", "warm"),
                Arguments.of("top_k", 0.5f),
                Arguments.of("top_p", 1.5f),
                Arguments.of("min_p", -1f),
                Arguments.of("mirostat", 3),
                Arguments.of("penalty_repeat", 0f),
                Arguments.of("xtc_probability", 2f),
                Arguments.of("xtc_threshold", Float.POSITIVE_INFINITY),
                Arguments.of("mirostat", "two"));
    }

    @ParameterizedTest
    @MethodSource("bad")
    void aBadValueIsNamed(String name, Object value) {
        var error = assertThrows(
                GgufFormatException.class, () -> open(Map.of(name, value)).close());
        assertTrue(error.getMessage().contains("general.sampling." + name), error::getMessage);
    }

    @Test
    void orderAndMirostatAreFollowed() throws IOException {
        Map<String, Object> order = Map.of("sequence", "temperature;top_k", "top_k", 7);
        assertEquals(
                List.of(new Temperature(0.8f), new TopK(7)), recommended(order).steps());
        // A target far below any surprise leaves only the most probable token.
        Map<String, Object> mirostat = Map.of("mirostat", 2, "mirostat_tau", -50f, "mirostat_eta", 0.2f);
        try (Model model = open(mirostat)) {
            assertEquals(generate(model, GenerationOptions::greedy), generate(model, o -> o.seed(1)));
        }
        assertEquals(
                "Mirostat[tau=-50.0, eta=0.2]",
                recommended(mirostat).steps().getLast().toString());
    }

    @Test
    void anOrderWithAnUnknownStepIsNotFollowed() throws IOException {
        assertEquals(
                recommended(Map.of()).steps(),
                recommended(Map.of("sequence", "top_k;magic")).steps());
    }

    private Sampler recommended(Map<String, Object> keys) throws IOException {
        try (Model model = open(keys)) {
            SamplerOptions.Builder builder = SamplerOptions.builder();
            RecommendedSampling.of(model.metadata()).apply(builder);
            return builder.newSampler();
        }
    }
}
