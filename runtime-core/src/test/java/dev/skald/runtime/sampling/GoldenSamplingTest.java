package dev.skald.runtime.sampling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skald.gguf.GgufFile;
import dev.skald.runtime.Golden;
import dev.skald.runtime.tokenizer.Tokenizer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every step, alone and in chains, compared with the candidates that llama.cpp's step leaves. */
class GoldenSamplingTest {
    private static final String FILE = "golden/sampling/steps.json";
    private static final double TOLERANCE = 1e-5;

    private static JsonNode golden;

    private static JsonNode golden() {
        golden = golden == null ? Golden.json(FILE) : golden;
        return golden;
    }

    static Stream<Named<JsonNode>> cases() {
        return cases("cases");
    }

    static Stream<Named<JsonNode>> vocabularyCases() {
        return cases("vocabulary_cases");
    }

    private static Stream<Named<JsonNode>> cases(String list) {
        if (!Golden.isPresent()) {
            return Stream.of(Named.of("absent", null));
        }
        List<Named<JsonNode>> cases = new ArrayList<>();
        for (JsonNode one : golden().get(list)) {
            String about = one.path("about").asText(one.path("text").asText(""));
            cases.add(Named.of(cases.size() + " " + one.get("chain") + " " + about.replace('\n', ' '), one));
        }
        return cases.stream();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void step(JsonNode given) {
        // Skips where the answers are absent.
        JsonNode inputs = golden().get("inputs");
        TokenHistory history = new TokenHistory();
        given.path("history").forEach(token -> history.add(token.asInt()));
        JsonNode chain = given.get("chain");
        Twister random = new Twister(chain.get(chain.size() - 1).path("seed").asInt(1));
        List<SamplerStep> steps = null;
        for (JsonNode round : given.get("steps")) {
            float[] logits = logits(inputs.get(round.get("input").asText()));
            TokenHistory known = known(history, logits.length, chain);
            steps = steps == null ? steps(chain, logits.length, null) : steps;
            Candidates candidates = Candidates.of(logits);
            List<Integer> sizes = new ArrayList<>();
            for (SamplerStep step : steps) {
                step.apply(candidates, known);
                sizes.add(candidates.size());
            }
            if (round.has("sizes")) {
                // The draw that ends a chain leaves what it gets.
                assertEquals(integers(round.get("sizes")).subList(0, sizes.size()), sizes);
            }
            compare(round, candidates);
            compareChoice(round, chain, steps, candidates, random);
        }
    }

    /** As much of a history as a vocabulary has; our penalties refuse the rest by name, where llama.cpp passes over it. */
    private static TokenHistory known(TokenHistory history, int vocabulary, JsonNode chain) {
        TokenHistory known = new TokenHistory();
        for (int i = 0; i < history.size(); i++) {
            if (history.get(i) < vocabulary) {
                known.add(history.get(i));
            }
        }
        if (known.size() < history.size()) {
            Candidates candidates = Candidates.of(new float[vocabulary]);
            SamplerStep first = steps(chain, vocabulary, null).getFirst();
            var error = assertThrows(IllegalArgumentException.class, () -> first.apply(candidates, history));
            assertTrue(error.getMessage().contains("of the history"), error.getMessage());
        }
        return known;
    }

    private static void compare(JsonNode expected, Candidates candidates) {
        Map<Integer, Integer> indices = new TreeMap<>();
        for (int i = 0; i < candidates.size(); i++) {
            indices.put(candidates.id(i), i);
        }
        Set<Integer> ids = new TreeSet<>(integers(expected.get("ids")));
        Set<Integer> kept = new TreeSet<>(indices.keySet());
        for (JsonNode tie : expected.path("tie")) {
            Set<Integer> equal = new HashSet<>(integers(tie.get("ids")));
            assertEquals(
                    tie.get("kept").asInt(),
                    kept.stream().filter(equal::contains).count(),
                    "of the tokens with the same logit");
            ids.removeAll(equal);
            kept.removeAll(equal);
        }
        assertEquals(ids, kept);
        JsonNode logits = expected.get("logits");
        double all = 0;
        for (JsonNode p : expected.path("p")) {
            all += p.asDouble();
        }
        candidates.softmax();
        for (int i = 0; i < logits.size(); i++) {
            int id = expected.get("ids").get(i).asInt();
            if (ids.contains(id)) {
                close(number(logits.get(i)), candidates.logit(indices.get(id)), "logit of token " + id);
                if (expected.has("p") && isProbability(expected)) {
                    close(
                            expected.get("p").get(i).asDouble() / all,
                            candidates.probability(indices.get(id)),
                            "probability of token " + id);
                }
            }
        }
    }

    /** Infill's are of tokens that were joined, and count only within the step: a draw is by the logits. */
    private static boolean isProbability(JsonNode expected) {
        return !expected.has("vocab")
                || !expected.get("chain").get(0).get("type").asText().equals("infill");
    }

    private static void compareChoice(
            JsonNode round, JsonNode chain, List<SamplerStep> steps, Candidates candidates, Twister random) {
        if (!round.has("picked")) {
            return;
        }
        int picked = round.get("picked").asInt();
        String last = chain.get(chain.size() - 1).get("type").asText();
        if (last.equals("greedy")) {
            assertEquals(picked, candidates.id(candidates.best()));
        } else if (last.equals("dist") && candidates.size() > 1) {
            double uniform = random.nextDouble();
            if (isInOrder(chain)) {
                assertEquals(picked, candidates.id(candidates.draw(uniform)));
            }
        }
        int index = candidates.indexOf(picked);
        assertTrue(index >= 0, "token " + picked + " is gone");
        if (!steps.isEmpty() && steps.getLast() instanceof ChoosingStep choosing) {
            choosing.chosen(candidates, index);
        }
        if (round.has("accepted")) {
            steps.forEach(step -> step.accept(round.get("accepted").asInt()));
        }
        if (round.has("mu")) {
            close(round.get("mu").asDouble(), ((Mirostat) steps.getLast()).mu(), "mu");
        }
        if (round.has("average")) {
            AdaptiveP adaptive = (AdaptiveP) steps.getLast();
            close(round.get("average").get(0).asDouble(), adaptive.weightedSum(), "weighted sum");
            close(round.get("average").get(1).asDouble(), adaptive.totalWeight(), "total weight");
        }
    }

    /** Llama.cpp's typical step leaves another order than ours, so that a draw at the same place is another token. */
    private static boolean isInOrder(JsonNode chain) {
        for (JsonNode step : chain) {
            if (step.get("type").asText().equals("typical") && step.get("p").asDouble() < 1) {
                return false;
            }
        }
        return true;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("vocabularyCases")
    void stepWithAVocabulary(JsonNode given) throws IOException {
        golden();
        Tokenizer tokenizer;
        try (GgufFile file =
                GgufFile.open(Golden.path("golden/vocab/" + given.get("vocab").asText()))) {
            tokenizer = Tokenizer.of(file.metadata());
        }
        TokenHistory history = new TokenHistory();
        given.path("history").forEach(token -> history.add(token.asInt()));
        float[] logits = new float[tokenizer.vocabularySize()];
        Set<Integer> some = new HashSet<>(integers(given.get("candidates")));
        for (int i = 0; i < some.size(); i++) {
            logits[given.get("candidates").get(i).asInt()] =
                    (float) given.get("candidate_logits").get(i).asDouble();
        }
        Candidates candidates = Candidates.of(logits);
        candidates.keepIf(i -> some.contains(candidates.id(i)));
        for (SamplerStep step : steps(given.get("chain"), logits.length, tokenizer)) {
            step.apply(candidates, history);
        }
        compare(given, candidates);
    }

    @Test
    void defaultsAndOrder() {
        JsonNode defaults = golden().get("defaults");
        List<String> order =
                SamplerStage.DEFAULT_ORDER.stream().map(SamplerStage::id).toList();
        List<String> expected = new ArrayList<>();
        defaults.get("samplers").forEach(name -> expected.add(name.asText()));
        assertEquals(expected, order);
        SamplerOptions.Builder set = SamplerOptions.builder();
        Map<String, Object> ours = new HashMap<>();
        ours.put("top_k", set.topK);
        ours.put("top_p", set.topP);
        ours.put("min_p", set.minP);
        ours.put("typ_p", set.typicalP);
        ours.put("temp", set.temperature);
        ours.put("dynatemp_range", set.dynatempRange);
        ours.put("dynatemp_exponent", set.dynatempExponent);
        ours.put("xtc_probability", set.xtcProbability);
        ours.put("xtc_threshold", set.xtcThreshold);
        ours.put("min_keep", set.minKeep);
        ours.put("penalty_last_n", set.penaltyTokens);
        ours.put("penalty_repeat", set.repeatPenalty);
        ours.put("penalty_freq", set.frequencyPenalty);
        ours.put("penalty_present", set.presencePenalty);
        ours.put("dry_multiplier", set.dryMultiplier);
        ours.put("dry_base", set.dryBase);
        ours.put("dry_allowed_length", set.dryAllowedLength);
        ours.put("dry_penalty_last_n", set.dryTokens);
        ours.put("mirostat_tau", set.mirostatTau);
        ours.put("mirostat_eta", set.mirostatEta);
        ours.put("adaptive_target", set.adaptiveTarget);
        ours.put("adaptive_decay", set.adaptiveDecay);
        ours.forEach((name, value) ->
                assertEquals(defaults.get(name).asDouble(), Double.parseDouble(value.toString()), 1e-9, name));
        List<String> breakers = new ArrayList<>();
        defaults.get("dry_sequence_breakers").forEach(text -> breakers.add(text.asText()));
        assertEquals(breakers, set.dryBreakers);
        // A number of deviations of 0 or less turns the step off.
        assertTrue(defaults.get("top_n_sigma").asDouble() <= 0 && set.topNSigma <= 0);
    }

    /** The steps of a chain, of which those that are off do nothing, but for the draw. */
    private static List<SamplerStep> steps(JsonNode chain, int vocabulary, Tokenizer tokenizer) {
        List<SamplerStep> steps = new ArrayList<>();
        for (JsonNode step : chain) {
            switch (step.get("type").asText()) {
                case "top_k" ->
                    addIf(
                            steps,
                            step.get("k").asInt() > 0,
                            () -> new TopK(step.get("k").asInt()));
                case "top_p" ->
                    steps.add(new TopP(real(step, "p", 1), step.path("min_keep").asInt(0)));
                case "min_p" ->
                    steps.add(new MinP(real(step, "p", 1), step.path("min_keep").asInt(0)));
                case "typical" ->
                    steps.add(new Typical(
                            real(step, "p", 1), step.path("min_keep").asInt(0)));
                case "temp" -> steps.add(new Temperature(real(step, "temp", 1)));
                case "temp_ext" ->
                    steps.add(new DynamicTemperature(
                            real(step, "temp", 1), real(step, "delta", 0), real(step, "exponent", 1)));
                case "xtc" ->
                    steps.add(new Xtc(
                            real(step, "probability", 0),
                            real(step, "threshold", 0),
                            step.path("min_keep").asInt(0),
                            new SplittableRandom(1)));
                case "top_n_sigma" -> addIf(steps, real(step, "n", 0) > 0, () -> new TopNSigma(real(step, "n", 0)));
                case "penalties" ->
                    steps.add(new Penalties(
                            step.get("last_n").asInt(),
                            real(step, "repeat", 1),
                            real(step, "freq", 0),
                            real(step, "present", 0)));
                case "dry" -> addIf(steps, isOn(step), () -> dry(step, tokenizer));
                case "logit_bias" -> steps.add(bias(step.get("bias"), vocabulary));
                case "mirostat" ->
                    steps.add(Mirostat.first(
                            real(step, "tau", 0),
                            real(step, "eta", 0),
                            step.get("m").asInt()));
                case "mirostat_v2" -> steps.add(Mirostat.second(real(step, "tau", 0), real(step, "eta", 0)));
                case "adaptive_p" -> steps.add(new AdaptiveP(real(step, "target", 0), real(step, "decay", 0)));
                case "infill" -> steps.add(new Infill(tokenizer));
                case "greedy", "dist" -> {}
                default -> throw new AssertionError(step);
            }
        }
        return steps;
    }

    private static void addIf(List<SamplerStep> steps, boolean wanted, Supplier<SamplerStep> step) {
        steps.add(wanted ? step.get() : (candidates, history) -> {});
    }

    /** Returns whether a sampler's chain would have the step. */
    private static boolean isOn(JsonNode dry) {
        return real(dry, "multiplier", 0) != 0 && real(dry, "base", 1.75f) >= 1;
    }

    private static Dry dry(JsonNode step, Tokenizer tokenizer) {
        Breakers breakers;
        if (step.has("breaker_ids")) {
            List<int[]> sequences = new ArrayList<>();
            step.get("breaker_ids")
                    .forEach(sequence -> sequences.add(
                            integers(sequence).stream().mapToInt(id -> id).toArray()));
            breakers = Breakers.ofTokens(sequences);
        } else {
            List<String> texts = new ArrayList<>();
            step.get("breakers").forEach(text -> texts.add(text.asText()));
            breakers = Breakers.of(texts, tokenizer);
        }
        return new Dry(
                real(step, "multiplier", 0),
                real(step, "base", 1.75f),
                step.path("allowed_length").asInt(2),
                step.path("last_n").asInt(64),
                breakers);
    }

    /** One bias for each token, and a refusal of those outside the vocabulary, which llama.cpp passes over. */
    private static LogitBias bias(JsonNode list, int vocabulary) {
        Map<Integer, Float> biases = new TreeMap<>();
        for (JsonNode pair : list) {
            int token = pair.get(0).asInt();
            float bias = (float) number(pair.get(1));
            if (token < 0 || token >= vocabulary) {
                var error = assertThrows(
                        IllegalArgumentException.class,
                        () -> new LogitBias(Map.of(token, bias))
                                .apply(Candidates.of(new float[vocabulary]), new TokenHistory()));
                assertTrue(error.getMessage().contains("token=" + token), error.getMessage());
            } else {
                biases.merge(token, bias, Float::sum);
            }
        }
        return new LogitBias(biases);
    }

    private static float real(JsonNode step, String name, float otherwise) {
        return step.has(name) ? (float) step.get(name).asDouble() : otherwise;
    }

    private static float[] logits(JsonNode list) {
        float[] logits = new float[list.size()];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = (float) number(list.get(i));
        }
        return logits;
    }

    private static double number(JsonNode value) {
        return value.isTextual() ? Double.NEGATIVE_INFINITY : value.asDouble();
    }

    private static List<Integer> integers(JsonNode list) {
        return IntStream.range(0, list.size())
                .mapToObj(i -> list.get(i).asInt())
                .toList();
    }

    private static void close(double expected, double actual, String what) {
        if (expected != actual) {
            assertEquals(expected, actual, TOLERANCE * Math.max(1, Math.abs(expected)), what);
        }
    }

    /** The 32-bit Mersenne twister (Matsumoto and Nishimura 1998), and uniform numbers of two of its outputs. */
    private static final class Twister {
        private static final int SIZE = 624;
        private final int[] state = new int[SIZE];
        private int next = SIZE;

        Twister(int seed) {
            state[0] = seed;
            for (int i = 1; i < SIZE; i++) {
                state[i] = 1812433253 * (state[i - 1] ^ state[i - 1] >>> 30) + i;
            }
        }

        private int nextInt() {
            if (next == SIZE) {
                for (int i = 0; i < SIZE; i++) {
                    int y = state[i] & 0x80000000 | state[(i + 1) % SIZE] & 0x7fffffff;
                    state[i] = state[(i + 397) % SIZE] ^ y >>> 1 ^ ((y & 1) == 0 ? 0 : 0x9908b0df);
                }
                next = 0;
            }
            int y = state[next++];
            y ^= y >>> 11;
            y ^= y << 7 & 0x9d2c5680;
            y ^= y << 15 & 0xefc60000;
            return y ^ y >>> 18;
        }

        double nextDouble() {
            double low = Integer.toUnsignedLong(nextInt());
            double high = Integer.toUnsignedLong(nextInt());
            return (low + high * 0x1p32) / 0x1p64;
        }
    }

    /** The 10,000th output of the default seed, which the C++ standard names. */
    @Test
    void twister() {
        Twister twister = new Twister(5489);
        int last = 0;
        for (int i = 0; i < 10_000; i++) {
            last = twister.nextInt();
        }
        assertEquals(4123659995L, Integer.toUnsignedLong(last));
    }
}
