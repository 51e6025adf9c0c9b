package dev.skald.runtime.sampling;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SamplerTest {
    private static final TokenHistory NONE = new TokenHistory();
    private static final float BANNED = Float.NEGATIVE_INFINITY;

    private static SamplerOptions.Builder uncut() {
        return SamplerOptions.builder().topK(0).topP(1).minP(0).temperature(1);
    }

    private static float[] random(int size, long seed) {
        Random random = new Random(seed);
        float[] logits = new float[size];
        for (int i = 0; i < size; i++) {
            logits[i] = (float) random.nextGaussian() * 3;
        }
        return logits;
    }

    private static List<Integer> draw(Sampler sampler, float[] logits, int count) {
        return Stream.generate(() -> sampler.sample(logits, NONE)).limit(count).toList();
    }

    @Test
    void defaultsAreThoseOfLlamaCpp() {
        assertEquals(
                List.of(new TopK(40), new TopP(0.95f), new MinP(0.05f), new Temperature(0.8f)),
                SamplerOptions.builder().newSampler().steps());
    }

    @Test
    void orderIsTheDocumentedOne() {
        SamplerStep custom = (candidates, history) -> {};
        Sampler sampler = SamplerOptions.builder()
                .temperature(0.7f)
                .xtc(0.5f, 0.2f)
                .minP(0.1f)
                .topP(0.9f)
                .typicalP(0.8f)
                .topK(20)
                .topNSigma(2)
                .step(custom)
                .presencePenalty(0.3f)
                .frequencyPenalty(0.2f)
                .repeatPenalty(1.1f)
                .penaltyTokens(32)
                .logitBias(3, -1)
                .newSampler();
        List<SamplerStep> steps = sampler.steps();
        assertEquals(10, steps.size());
        assertEquals(new LogitBias(Map.of(3, -1f)), steps.get(0));
        assertEquals(new Penalties(32, 1.1f, 0.2f, 0.3f), steps.get(1));
        assertEquals(custom, steps.get(2));
        assertEquals(
                List.of(new TopNSigma(2), new TopK(20), new Typical(0.8f), new TopP(0.9f), new MinP(0.1f)),
                steps.subList(3, 8));
        assertEquals(Xtc.class, steps.get(8).getClass());
        assertEquals(new Temperature(0.7f), steps.get(9));
    }

    @Test
    void orderCanBeChanged() {
        SamplerStep custom = (candidates, history) -> {};
        SamplerOptions.Builder builder = SamplerOptions.builder()
                .order(SamplerStage.parse("temp; top-k,penalties;minp"))
                .step(custom)
                .repeatPenalty(1.1f)
                .topP(0.5f)
                .logitBias(3, -1);
        assertEquals(
                List.of(
                        new LogitBias(Map.of(3, -1f)),
                        custom,
                        new Temperature(0.8f),
                        new TopK(40),
                        new Penalties(64, 1.1f, 0, 0),
                        new MinP(0.05f)),
                builder.newSampler().steps());
        assertEquals(
                List.of(new LogitBias(Map.of(3, -1f)), new Penalties(64, 1.1f, 0, 0), custom, new TopK(40)),
                builder.order(List.of(SamplerStage.PENALTIES, SamplerStage.TOP_K))
                        .newSampler()
                        .steps());
    }

    @Test
    void whatComesAfterATemperatureOfZeroIsLeftOut() {
        SamplerOptions options = SamplerOptions.builder()
                .temperature(0)
                .order(SamplerStage.parse("temperature;typ_p"))
                .typicalP(0.5f)
                .build();
        assertTrue(options.greedy());
        // The most probable token is not the most typical: see the typical step's own test.
        assertEquals(0, options.newSampler().sample(new float[] {-0.9163f, -1.6094f, -1.6094f, -1.6094f}, NONE));
    }

    /** Drawn as the model says, as llama.cpp does. */
    @Test
    void withoutTheTemperatureItIsNotZero() {
        SamplerOptions options = SamplerOptions.builder()
                .temperature(0)
                .order(List.of(SamplerStage.TOP_K))
                .build();
        assertFalse(options.greedy());
        assertEquals(
                2,
                Set.copyOf(draw(options.newSampler(), new float[] {1, 1}, 100)).size());
    }

    @Test
    void mirostatTakesThePlaceOfCuts() {
        SamplerStep custom = (candidates, history) -> {};
        List<SamplerStep> steps = SamplerOptions.builder()
                .mirostat(2)
                .repeatPenalty(2)
                .step(custom)
                .newSampler()
                .steps();
        assertEquals(List.of(custom, new Temperature(0.8f)), steps.subList(0, 2));
        assertEquals(
                "[Mirostat[tau=5.0, eta=0.1]]", steps.subList(2, steps.size()).toString());
        assertEquals(
                1,
                SamplerOptions.builder().mirostat(1).temperature(0).newSampler().sample(new float[] {0, 1}, NONE));
    }

    @Test
    void dynamicTemperatureAndTokensNearAProbability() {
        List<SamplerStep> steps = SamplerOptions.builder()
                .temperature(0)
                .dynatempRange(0.5f)
                .dynatempExponent(2)
                .adaptiveTarget(0.4f)
                .order(SamplerStage.parse("adaptive_p;temperature"))
                .newSampler()
                .steps();
        assertEquals(new DynamicTemperature(0, 0.5f, 2), steps.get(0));
        assertEquals("AdaptiveP[target=0.4, decay=0.9]", steps.get(1).toString());
        assertEquals(2, steps.size());
    }

    @Test
    void stepsThatNeedTheVocabularySaySo() {
        SamplerOptions.Builder dry = SamplerOptions.builder().dryMultiplier(0.8f);
        var error = assertThrows(IllegalStateException.class, dry::newSampler);
        assertTrue(error.getMessage().contains("newSampler(tokenizer)"), error.getMessage());
        assertEquals(
                "Dry[multiplier=0.8, base=1.75, allowedLength=2, lastTokens=64]",
                dry.dryBreakers(List.of()).newSampler().steps().getFirst().toString());
        assertThrows(
                IllegalStateException.class,
                () -> SamplerOptions.builder()
                        .order(List.of(SamplerStage.INFILL))
                        .newSampler());
    }

    /** Forbids what has been accepted, and so has a state. */
    private static final class Never implements SamplerStep {
        private final Set<Integer> accepted = new HashSet<>();

        @Override
        public void apply(Candidates candidates, TokenHistory history) {
            accepted.forEach(candidates::ban);
        }

        @Override
        public void accept(int token) {
            accepted.add(token);
        }
    }

    @Test
    void stepsLearnOfAcceptedTokensEachForItsOwnSampler() {
        SamplerOptions options =
                SamplerOptions.builder().temperature(0).step(Never::new).build();
        Sampler one = options.newSampler();
        Sampler other = options.newSampler();
        float[] logits = {1, 3, 2};
        assertEquals(1, one.sample(logits, NONE));
        assertEquals(1, one.sample(logits, NONE));
        one.accept(1);
        assertEquals(2, one.sample(logits, NONE));
        assertEquals(1, other.sample(logits, NONE));
    }

    static Stream<Arguments> greedy() {
        return Stream.of(
                arguments("highest", options(b -> b), new float[] {1, 3, 2}, 1),
                arguments("lowest id of a tie", options(b -> b), new float[] {1, 3, 2, 3}, 1),
                arguments("zeros of both signs are a tie", options(b -> b), new float[] {-1, -0f, 0f}, 1),
                arguments("zeros in the chain", options(b -> b.logitBias(0, 0)), new float[] {-1, -0f, 0f}, 1),
                arguments("all negative", options(b -> b), new float[] {-9, -3, -4}, 1),
                arguments("one possible", options(b -> b), new float[] {BANNED, BANNED, -1e30f}, 2),
                arguments("one token", options(b -> b), new float[] {-5}, 0),
                arguments("bias", options(b -> b.logitBias(2, 1.5f)), new float[] {1, 3, 2}, 2),
                arguments("ban", options(b -> b.logitBias(1, BANNED)), new float[] {1, 3, 2}, 2),
                arguments("own step", options(b -> b.step((c, h) -> c.ban(1))), new float[] {1, 3, 2}, 2),
                // The most probable token is not the most typical: see the typical step's own test.
                arguments(
                        "typical",
                        options(b -> b.typicalP(0.5f)),
                        new float[] {-0.9163f, -1.6094f, -1.6094f, -1.6094f},
                        1));
    }

    private static SamplerOptions options(UnaryOperator<SamplerOptions.Builder> settings) {
        return settings.apply(SamplerOptions.builder().temperature(0)).build();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("greedy")
    void greedyTakesTheMostProbable(String name, SamplerOptions options, float[] logits, int expected) {
        assertEquals(expected, options.newSampler().sample(logits, NONE));
    }

    @Test
    void greedyHasNoCuts() {
        Sampler sampler = SamplerOptions.builder().temperature(-1).newSampler();
        assertEquals(List.of(), sampler.steps());
        assertEquals(
                List.of(new Penalties(64, 2, 0, 0)),
                SamplerOptions.builder()
                        .temperature(0)
                        .repeatPenalty(2)
                        .newSampler()
                        .steps());
    }

    @Test
    void penaltiesReadTheHistory() {
        Sampler sampler =
                SamplerOptions.builder().temperature(0).repeatPenalty(2).newSampler();
        float[] logits = {1, 3, 2};
        assertEquals(1, sampler.sample(logits, NONE));
        assertEquals(2, sampler.sample(logits, TokenHistory.of(1)));
    }

    @Test
    void theDocumentedStepForbidsATokenTwiceInARow() {
        SamplerStep neverTwice = (candidates, history) -> {
            if (history.size() > 0) {
                candidates.ban(history.recent(0));
            }
        };
        Sampler sampler = SamplerOptions.builder()
                .temperature(0.7f)
                .step(neverTwice)
                .seed(42)
                .newSampler();
        TokenHistory history = TokenHistory.of(0);
        float[] logits = {3, 2, 1};
        for (int i = 0; i < 200; i++) {
            int token = sampler.sample(logits, history);
            assertNotEquals(history.recent(0), token);
            history.add(token);
        }
    }

    @Test
    void logitsAreNotChanged() {
        float[] logits = random(1000, 1);
        SamplerOptions.builder().repeatPenalty(1.3f).newSampler().sample(logits, TokenHistory.of(1, 2, 3));
        assertArrayEquals(random(1000, 1), logits);
    }

    @Test
    void aSeedRepeatsATextAndAnotherDoesNot() {
        float[] logits = random(500, 2);
        SamplerOptions seeded = uncut().seed(7).build();
        List<Integer> text = draw(seeded.newSampler(), logits, 50);
        assertEquals(text, draw(seeded.newSampler(), logits, 50));
        assertNotEquals(text, draw(uncut().seed(8).newSampler(), logits, 50));
    }

    @Test
    void aRandomSeedIsReportedAndRepeatsTheText() {
        float[] logits = random(500, 3);
        Sampler first = uncut().newSampler();
        List<Integer> text = draw(first, logits, 50);
        assertEquals(text, draw(uncut().seed(first.seed()).newSampler(), logits, 50));
        assertNotEquals(uncut().newSampler().seed(), first.seed());
    }

    /** A change here changes the text that a seed gives. */
    @Test
    void drawIsTheInverseOfTheRunningSum() {
        Candidates candidates = Candidates.of((float) Math.log(0.25), BANNED, (float) Math.log(0.75));
        assertEquals(0, candidates.draw(0));
        assertEquals(0, candidates.draw(0.2499));
        assertEquals(2, candidates.draw(0.2501));
        assertEquals(2, candidates.draw(Math.nextDown(1.0)));
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {0, 1, 42, -1, Long.MIN_VALUE})
    void drawsFollowTheProbabilities(long seed) {
        double[] probabilities = {0.05, 0.1, 0.15, 0.3, 0.4};
        float[] logits = new float[5];
        for (int i = 0; i < 5; i++) {
            logits[i] = (float) Math.log(probabilities[i]);
        }
        Sampler sampler = uncut().seed(seed).newSampler();
        int draws = 20_000;
        int[] counts = new int[5];
        for (int i = 0; i < draws; i++) {
            counts[sampler.sample(logits, NONE)]++;
        }
        double statistic = 0;
        for (int i = 0; i < 5; i++) {
            double expected = draws * probabilities[i];
            statistic += (counts[i] - expected) * (counts[i] - expected) / expected;
        }
        // Chi-square with 4 degrees of freedom exceeds x with probability exp(-x/2) * (1 + x/2).
        double probability = Math.exp(-statistic / 2) * (1 + statistic / 2);
        assertTrue(probability > 1e-4, "chi-square " + statistic + " has the probability " + probability);
    }

    @ParameterizedTest(name = "token {1} is {0}, temperature {2}, top {3}")
    @CsvSource({
        "NaN, 0, 0, 40",
        "NaN, 2, 0, 40",
        "Infinity, 1, 0, 40",
        "NaN, 0, 0.8, 40",
        "NaN, 2, 0.8, 40",
        "Infinity, 1, 0.8, 40",
        "NaN, 0, 0.8, 1",
        "NaN, 2, 0.8, 1",
        "Infinity, 1, 0.8, 1"
    })
    void aBadLogitIsNamed(float bad, int id, float temperature, int top) {
        float[] logits = {1, 2, 3};
        logits[id] = bad;
        Sampler sampler =
                SamplerOptions.builder().temperature(temperature).topK(top).newSampler();
        var error = assertThrows(IllegalArgumentException.class, () -> sampler.sample(logits, NONE));
        assertTrue(error.getMessage().startsWith("the logit of token " + id + " of 3 is " + bad), error::getMessage);
    }

    @ParameterizedTest
    @ValueSource(floats = {0, 0.8f})
    void noTokenPossible(float temperature) {
        Sampler sampler = SamplerOptions.builder().temperature(temperature).newSampler();
        var all =
                assertThrows(IllegalArgumentException.class, () -> sampler.sample(new float[] {BANNED, BANNED}, NONE));
        assertTrue(all.getMessage().contains("tokens 0 to 1 are all -Infinity"), all.getMessage());
        Sampler best = SamplerOptions.builder().temperature(temperature).topK(1).newSampler();
        assertThrows(IllegalArgumentException.class, () -> best.sample(new float[] {BANNED, BANNED}, NONE));
        var none = assertThrows(IllegalArgumentException.class, () -> sampler.sample(new float[0], NONE));
        assertTrue(none.getMessage().contains("0 tokens"), none.getMessage());
    }

    @ParameterizedTest
    @ValueSource(floats = {0, 0.8f})
    void everythingBannedByAStep(float temperature) {
        Sampler banning = SamplerOptions.builder()
                .temperature(temperature)
                .logitBias(0, BANNED)
                .logitBias(1, BANNED)
                .newSampler();
        var error = assertThrows(IllegalStateException.class, () -> banning.sample(new float[] {1, 2}, NONE));
        assertTrue(error.getMessage().contains("2 are left and each has the logit -Infinity"), error.getMessage());

        Sampler cutting = SamplerOptions.builder()
                .temperature(temperature)
                .step((c, h) -> c.keepIf(i -> false))
                .newSampler();
        error = assertThrows(IllegalStateException.class, () -> cutting.sample(new float[] {1, 2}, NONE));
        assertTrue(error.getMessage().contains("left none of 2 tokens"), error.getMessage());
    }

    @Test
    void aBadLogitOfAStepIsRefused() {
        Sampler sampler = SamplerOptions.builder()
                .step((c, h) -> c.setLogit(1, Float.NaN))
                .newSampler();
        var error = assertThrows(IllegalArgumentException.class, () -> sampler.sample(new float[] {1, 2}, NONE));
        assertTrue(error.getMessage().startsWith("the logit of token 1 of 2 is NaN"), error.getMessage());
    }

    @Test
    void probabilitiesAreNotReadWhenStale() {
        Candidates candidates = Candidates.of(1, 2, 3);
        assertThrows(IllegalStateException.class, () -> candidates.probability(0));
        candidates.softmax();
        candidates.setLogit(0, 9);
        // exp(1 - 3) / (1 + exp(-1) + exp(-2)): as softmax found it.
        assertEquals(0.0900306, candidates.probability(0), 1e-6);
        candidates.sort();
        assertThrows(IllegalStateException.class, () -> candidates.probability(0));
    }

    @Test
    void aVocabularyMayDifferFromTokenToToken() {
        Sampler sampler = SamplerOptions.builder().repeatPenalty(1.5f).newSampler();
        for (int size : new int[] {3, 300, 1, 50, 1000}) {
            int token = sampler.sample(random(size, size), TokenHistory.of(0));
            assertTrue(token >= 0 && token < size, token + " of " + size);
        }
    }

    static Stream<Arguments> settings() {
        return Stream.of(
                arguments("temperature=NaN", call(b -> b.temperature(Float.NaN))),
                arguments("topP=1.5", call(b -> b.topP(1.5f))),
                arguments("minP=-0.5", call(b -> b.minP(-0.5f))),
                arguments("typicalP=NaN", call(b -> b.typicalP(Float.NaN))),
                arguments("topNSigma=Infinity", call(b -> b.topNSigma(Float.POSITIVE_INFINITY))),
                arguments("xtcProbability=2.0", call(b -> b.xtc(2, 0.1f))),
                arguments("xtcThreshold=-1.0", call(b -> b.xtc(0.1f, -1))),
                arguments("minKeep must be 0 to 2147483647, not -1", call(b -> b.minKeep(-1))),
                arguments("dryMultiplier=NaN", call(b -> b.dryMultiplier(Float.NaN))),
                arguments("dryBase=Infinity", call(b -> b.dryBase(Float.POSITIVE_INFINITY))),
                arguments("dryAllowedLength must be 0 to 2147483647, not -1", call(b -> b.dryAllowedLength(-1))),
                arguments("empty DRY breaker", call(b -> b.dryBreakers(List.of(":", "")))),
                arguments("dynatempRange=NaN", call(b -> b.dynatempRange(Float.NaN))),
                arguments("mirostat must be 0 to 2, not 3", call(b -> b.mirostat(3))),
                arguments("mirostatTau=NaN", call(b -> b.mirostatTau(Float.NaN))),
                arguments("adaptiveTarget=NaN", call(b -> b.adaptiveTarget(Float.NaN))),
                arguments("adaptiveDecay=1.5", call(b -> b.adaptiveDecay(1.5f))),
                arguments("top_k comes twice", call(b -> b.order(List.of(SamplerStage.TOP_K, SamplerStage.TOP_K)))),
                arguments("no sampler step \"magic\"", call(b -> b.order(SamplerStage.parse("top_k;magic")))),
                arguments("repeatPenalty=0.0", call(b -> b.repeatPenalty(0))),
                arguments("frequencyPenalty=NaN", call(b -> b.frequencyPenalty(Float.NaN))),
                arguments("presencePenalty=-Infinity", call(b -> b.presencePenalty(BANNED))),
                arguments("token=-1, bias=1.0", call(b -> b.logitBias(-1, 1))),
                arguments("token=1, bias=NaN", call(b -> b.logitBias(1, Float.NaN))));
    }

    private static UnaryOperator<SamplerOptions.Builder> call(UnaryOperator<SamplerOptions.Builder> call) {
        return call;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("settings")
    void aSettingOutOfRangeIsNamedWithItsValue(String named, UnaryOperator<SamplerOptions.Builder> call) {
        var error = assertThrows(IllegalArgumentException.class, () -> call.apply(SamplerOptions.builder()));
        assertTrue(error.getMessage().contains(named), error.getMessage());
    }

    @Test
    void logprobsAreOfTheRawLogits() {
        float[] logits = {(float) Math.log(0.2), (float) Math.log(0.5), (float) Math.log(0.3)};
        Sampler sampler =
                SamplerOptions.builder().temperature(0.1f).logitBias(1, BANNED).newSampler();
        TokenLogprobs result = sampler.logprobs(logits, 0, 2);
        assertEquals(0, result.chosen().token());
        assertEquals(Math.log(0.2), result.chosen().logprob(), 1e-6);
        assertEquals(
                List.of(1, 2), result.top().stream().map(TokenLogprob::token).toList());
        assertEquals(Math.log(0.5), result.top().get(0).logprob(), 1e-6);
        assertEquals(Math.log(0.3), result.top().get(1).logprob(), 1e-6);
        assertEquals(3, sampler.logprobs(logits, 0, 9).top().size());
        assertEquals(List.of(), sampler.logprobs(logits, 0, 0).top());
        assertThrows(IllegalArgumentException.class, () -> sampler.logprobs(logits, 3, 0));
        assertThrows(IllegalArgumentException.class, () -> sampler.logprobs(logits, 0, -1));
    }

    static Stream<Arguments> chains() {
        return Stream.of(
                arguments("default", SamplerOptions.builder()),
                arguments("greedy", SamplerOptions.builder().temperature(0)),
                arguments(
                        "penalties",
                        SamplerOptions.builder().repeatPenalty(1.1f).frequencyPenalty(0.1f)),
                arguments("top-p alone", uncut().topP(0.95f)),
                arguments(
                        "everything",
                        SamplerOptions.builder()
                                .topK(0)
                                .typicalP(0.9f)
                                .topNSigma(3)
                                .xtc(0.5f, 0.1f)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("chains")
    void nothingIsAllocatedForAToken(String name, SamplerOptions.Builder builder) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        Sampler sampler = builder.seed(1).newSampler();
        float[] logits = random(8000, 5);
        TokenHistory history = TokenHistory.of(new Random(6).ints(100, 0, 8000).toArray());
        for (int i = 0; i < 100; i++) {
            sampler.sample(logits, history);
        }
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 200; i++) {
            sampler.sample(logits, history);
        }
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        // The smallest object is 16 bytes, so one for each token would be 3200.
        assertTrue(allocated < 3200, allocated + " bytes for 200 tokens");
    }
}
