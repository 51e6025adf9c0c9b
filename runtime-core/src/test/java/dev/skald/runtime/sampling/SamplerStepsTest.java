package dev.skald.runtime.sampling;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each step compared with values computed by hand from its formula. */
class SamplerStepsTest {
    private static final TokenHistory NONE = new TokenHistory();

    /** One to four tenths, the probabilities most cases below start from. */
    private static final double[] TENTHS = {0.1, 0.2, 0.3, 0.4};

    private static Candidates withProbabilities(double... probabilities) {
        float[] logits = new float[probabilities.length];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = (float) Math.log(probabilities[i]);
        }
        return Candidates.of(logits);
    }

    /** Probability of each token; 0 for one that has been removed. */
    private static double[] probabilities(Candidates candidates) {
        double[] result = new double[candidates.vocabulary()];
        Distribution.byId(candidates).forEach((id, p) -> result[id] = p);
        return result;
    }

    private static SamplerStep xtc(double threshold) {
        return new Xtc(1, (float) threshold, 0, new SplittableRandom(1));
    }

    static Stream<Arguments> cuts() {
        double e2 = Math.exp(-2);
        return Stream.of(
                arguments(new TopK(1), TENTHS, new double[] {0, 0, 0, 1}),
                arguments(new TopK(3), TENTHS, new double[] {0, 2 / 9., 3 / 9., 4 / 9.}),
                arguments(new TopK(4), TENTHS, TENTHS),
                arguments(new TopK(Integer.MAX_VALUE), TENTHS, TENTHS),
                arguments(new TopP(0), TENTHS, new double[] {0, 0, 0, 1}),
                arguments(new TopP(0.39f), TENTHS, new double[] {0, 0, 0, 1}),
                arguments(new TopP(0.41f), TENTHS, new double[] {0, 0, 3 / 7., 4 / 7.}),
                arguments(new TopP(0.69f), TENTHS, new double[] {0, 0, 3 / 7., 4 / 7.}),
                arguments(new TopP(0.71f), TENTHS, new double[] {0, 2 / 9., 3 / 9., 4 / 9.}),
                arguments(new TopP(0.91f), TENTHS, TENTHS),
                arguments(new TopP(1), TENTHS, TENTHS),
                arguments(new MinP(0), TENTHS, TENTHS),
                arguments(new MinP(0.24f), TENTHS, TENTHS),
                arguments(new MinP(0.26f), TENTHS, new double[] {0, 2 / 9., 3 / 9., 4 / 9.}),
                arguments(new MinP(0.51f), TENTHS, new double[] {0, 0, 3 / 7., 4 / 7.}),
                arguments(new MinP(0.74f), TENTHS, new double[] {0, 0, 3 / 7., 4 / 7.}),
                arguments(new MinP(0.76f), TENTHS, new double[] {0, 0, 0, 1}),
                arguments(new MinP(1), TENTHS, new double[] {0, 0, 0, 1}),
                arguments(new MinP(1), new double[] {0.4, 0.2, 0.4}, new double[] {0.5, 0, 0.5}),
                // Entropy 0.168 nats; surprise 0.030 of the first and 4.605 of the others.
                arguments(new Typical(0.5f), new double[] {0.97, 0.01, 0.01, 0.01}, new double[] {1, 0, 0, 0}),
                // Entropy 1.332; surprise 0.916 of the first and 1.609, which is nearer, of the others.
                arguments(
                        new Typical(0.5f), new double[] {0.4, 0.2, 0.2, 0.2}, new double[] {0, 1 / 3., 1 / 3., 1 / 3.}),
                arguments(new Typical(0.3f), new double[] {0.4, 0.2, 0.2, 0.2}, new double[] {0, 0.5, 0.5, 0}),
                arguments(new Typical(1), TENTHS, TENTHS),
                // The logits have the standard deviation 0.5206 and are 0, 0.288, 0.693 and 1.386 below the highest.
                arguments(new TopNSigma(0.5f), TENTHS, new double[] {0, 0, 0, 1}),
                arguments(new TopNSigma(1), TENTHS, new double[] {0, 0, 3 / 7., 4 / 7.}),
                arguments(new TopNSigma(2), TENTHS, new double[] {0, 2 / 9., 3 / 9., 4 / 9.}),
                arguments(new TopNSigma(3), TENTHS, TENTHS),
                arguments(new TopNSigma(1), new double[] {0.5, 0.5, 0}, new double[] {0.5, 0.5, 0}),
                arguments(xtc(0.09), TENTHS, new double[] {1, 0, 0, 0}),
                arguments(xtc(0.19), TENTHS, new double[] {1 / 3., 2 / 3., 0, 0}),
                arguments(xtc(0.29), TENTHS, new double[] {1 / 6., 2 / 6., 3 / 6., 0}),
                arguments(xtc(0.39), TENTHS, TENTHS),
                arguments(xtc(0.41), TENTHS, TENTHS),
                // p^(1/t), normalized: squares for a half, roots for two.
                arguments(new Temperature(1), TENTHS, TENTHS),
                arguments(new Temperature(0.5f), TENTHS, new double[] {1 / 30., 4 / 30., 9 / 30., 16 / 30.}),
                arguments(new Temperature(2), new double[] {0.1, 0.9}, new double[] {0.25, 0.75}),
                arguments(new Temperature(0), TENTHS, new double[] {0, 0, 0, 1}),
                arguments(new Temperature(-1), new double[] {0.1, 0.45, 0.45}, new double[] {0, 1, 0}),
                arguments(new Temperature(Float.MIN_VALUE), TENTHS, new double[] {0, 0, 0, 1}),
                arguments(new Temperature(Float.MAX_VALUE), TENTHS, new double[] {0.25, 0.25, 0.25, 0.25}),
                arguments(
                        new LogitBias(Map.of(0, 2f)), new double[] {0.5, 0.5}, new double[] {1 / (1 + e2), e2 / (1 + e2)
                        }),
                arguments(new LogitBias(Map.of(3, Float.NEGATIVE_INFINITY)), TENTHS, new double[] {
                    1 / 6., 2 / 6., 3 / 6., 0
                }));
    }

    @ParameterizedTest(name = "{0} of {1}")
    @MethodSource("cuts")
    void step(SamplerStep step, double[] before, double[] after) {
        Candidates candidates = withProbabilities(before);
        step.apply(candidates, NONE);
        assertArrayEquals(after, probabilities(candidates), 1e-6);
    }

    @ParameterizedTest(name = "{0} of {1}, sorted")
    @MethodSource("cuts")
    void stepOnSortedCandidates(SamplerStep step, double[] before, double[] after) {
        Candidates candidates = withProbabilities(before);
        candidates.sort();
        step.apply(candidates, NONE);
        assertArrayEquals(after, probabilities(candidates), 1e-6);
    }

    static Stream<Arguments> penalties() {
        return Stream.of(
                // 2 / 2 and -2 * 2
                arguments(new Penalties(64, 2, 0, 0), TokenHistory.of(0, 1), new float[] {1, -4, 0, 5}),
                // once, however often the token occurs
                arguments(new Penalties(64, 2, 0, 0), TokenHistory.of(0, 0, 0), new float[] {1, -2, 0, 5}),
                // 2 - 3 * 0.5, -2 - 0.5
                arguments(new Penalties(64, 1, 0.5f, 0), TokenHistory.of(0, 1, 0, 0), new float[] {0.5f, -2.5f, 0, 5}),
                arguments(
                        new Penalties(64, 1, 0, 0.25f), TokenHistory.of(0, 1, 0, 0), new float[] {1.75f, -2.25f, 0, 5}),
                // 5 / 2 - 2 * 0.5 - 0.25
                arguments(new Penalties(64, 2, 0.5f, 0.25f), TokenHistory.of(3, 3), new float[] {2, -2, 0, 1.25f}),
                // a negative penalty rewards
                arguments(new Penalties(64, 1, -1, 0), TokenHistory.of(2, 2), new float[] {2, -2, 2, 5}),
                // only the newest two tokens
                arguments(new Penalties(2, 1, 1, 0), TokenHistory.of(0, 3, 1, 3), new float[] {2, -3, 0, 4}),
                arguments(new Penalties(0, 9, 9, 9), TokenHistory.of(0, 1, 2, 3), new float[] {2, -2, 0, 5}),
                arguments(new Penalties(-1, 1, 1, 0), TokenHistory.of(new int[100]), new float[] {2, -2, 0, 5}),
                arguments(new Penalties(Integer.MAX_VALUE, 1, 1, 0), TokenHistory.of(new int[100]), new float[] {
                    -98, -2, 0, 5
                }),
                arguments(new Penalties(64, 1, 1, 0), TokenHistory.of(new int[100]), new float[] {-62, -2, 0, 5}),
                arguments(new Penalties(64, 2, 1, 1), NONE, new float[] {2, -2, 0, 5}));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("penalties")
    void penalties(Penalties step, TokenHistory history, float[] after) {
        Candidates candidates = Candidates.of(2, -2, 0, 5);
        step.apply(candidates, history);
        assertArrayEquals(after, logits(candidates));
    }

    /** The step uses the candidates' working memory and has to leave it clean. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("penalties")
    void penaltiesTwiceWithTheSameMemory(Penalties step, TokenHistory history, float[] after) {
        Candidates candidates = Candidates.of(7, 7, 7, 7);
        step.apply(candidates, history);
        candidates.load(new float[] {2, -2, 0, 5});
        step.apply(candidates, history);
        assertArrayEquals(after, logits(candidates));
    }

    @Test
    void penaltiesSkipTokensThatAreGone() {
        Candidates candidates = Candidates.of(2, -2, 0, 5);
        candidates.keepBest(2);
        new Penalties(64, 1, 1, 0).apply(candidates, TokenHistory.of(0, 1));
        assertEquals(1, candidates.logit(candidates.indexOf(0)));
        assertEquals(5, candidates.logit(candidates.indexOf(3)));
    }

    @Test
    void penaltiesNameATokenOutsideTheVocabulary() {
        Penalties step = new Penalties(64, 2, 0, 0);
        Candidates candidates = Candidates.of(2, -2, 0, 5);
        var error =
                assertThrows(IllegalArgumentException.class, () -> step.apply(candidates, TokenHistory.of(0, 1, 4)));
        assertTrue(error.getMessage().contains("token=4 at position 2"), error.getMessage());
        assertTrue(error.getMessage().contains("4 tokens"), error.getMessage());
    }

    @Test
    void biasNamesATokenOutsideTheVocabulary() {
        LogitBias step = new LogitBias(Map.of(9, 1f));
        var error = assertThrows(IllegalArgumentException.class, () -> step.apply(Candidates.of(1, 2), NONE));
        assertTrue(error.getMessage().contains("token=9"), error.getMessage());
    }

    @Test
    void xtcDrawsOnceAndLeavesEverythingWhenItIsNotItsTurn() {
        Candidates candidates = withProbabilities(TENTHS);
        new Xtc(0, 0.1f, 0, new SplittableRandom(1)).apply(candidates, NONE);
        assertEquals(4, candidates.size());
    }

    @ParameterizedTest
    @ValueSource(floats = {-0.1f, 1.1f, Float.NaN, Float.POSITIVE_INFINITY})
    void masses(float p) {
        assertThrows(IllegalArgumentException.class, () -> new TopP(p));
        assertThrows(IllegalArgumentException.class, () -> new MinP(p));
        var error = assertThrows(IllegalArgumentException.class, () -> new Typical(p));
        assertEquals("p=" + p + " is not in [0, 1]", error.getMessage());
    }

    @ParameterizedTest
    @ValueSource(floats = {0, -1, Float.NaN, Float.POSITIVE_INFINITY})
    void positiveNumbers(float value) {
        assertThrows(IllegalArgumentException.class, () -> new TopNSigma(value));
        assertThrows(IllegalArgumentException.class, () -> new Penalties(64, value, 0, 0));
    }

    private static float[] logits(Candidates candidates) {
        float[] logits = new float[candidates.size()];
        for (int i = 0; i < logits.length; i++) {
            logits[candidates.id(i)] = candidates.logit(i);
        }
        return logits;
    }
}
