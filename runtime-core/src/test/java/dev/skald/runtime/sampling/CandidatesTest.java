package dev.skald.runtime.sampling;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.FloatRange;
import net.jqwik.api.constraints.IntRange;

/** The cuts compared with their definitions, for any logits: few and many, tied, sorted, peaked, flat, banned. */
class CandidatesTest {
    private static final TokenHistory NONE = new TokenHistory();

    enum Shape {
        NORMAL,
        TIED,
        RISING,
        FALLING,
        FLAT,
        PEAKED,
        BANNED;

        float logit(int id, Random random) {
            return switch (this) {
                case NORMAL -> (float) random.nextGaussian() * 3;
                case TIED -> random.nextInt(4);
                case RISING -> id * 1e-3f;
                case FALLING -> id * -1e-3f;
                case FLAT -> 1;
                case PEAKED -> (float) random.nextGaussian() + (random.nextInt(100) == 0 ? 12 : 0);
                case BANNED -> id > 0 && random.nextBoolean() ? Float.NEGATIVE_INFINITY : random.nextFloat();
            };
        }
    }

    @Provide
    Arbitrary<float[]> logits() {
        return Combinators.combine(
                        Arbitraries.of(Shape.class), Arbitraries.integers().between(1, 2000), Arbitraries.longs())
                .as((shape, size, seed) -> {
                    Random random = new Random(seed);
                    float[] logits = new float[size];
                    for (int i = 0; i < size; i++) {
                        logits[i] = shape.logit(i, random);
                    }
                    return logits;
                });
    }

    private static List<Integer> ids(Candidates candidates) {
        return IntStream.range(0, candidates.size()).mapToObj(candidates::id).toList();
    }

    private static List<Integer> ids(Distribution distribution) {
        return distribution.entries().stream().map(Distribution.Entry::id).toList();
    }

    @Property(tries = 300)
    void sortingIsByLogitAndThenById(@ForAll("logits") float[] logits) {
        Candidates candidates = Candidates.of(logits);
        candidates.sort();
        assertEquals(ids(Distribution.of(logits)), ids(candidates));
        for (int i = 0; i < logits.length; i++) {
            assertEquals(logits[candidates.id(i)] + 0f, candidates.logit(i));
        }
    }

    @Property(tries = 300)
    void topKIsTheBeginningOfAFullSort(@ForAll("logits") float[] logits, @ForAll @IntRange(min = 1, max = 300) int k) {
        Candidates candidates = Candidates.of(logits);
        new TopK(k).apply(candidates, NONE);
        List<Integer> expected = ids(Distribution.of(logits).topK(k));
        if (k < logits.length) {
            assertEquals(expected, ids(candidates));
        } else {
            assertEquals(new TreeSet<>(expected), new TreeSet<>(ids(candidates)));
        }
    }

    @Property(tries = 300)
    void loadingTheBestIsTheBeginningOfAFullSort(
            @ForAll("logits") float[] logits, @ForAll @IntRange(min = 1, max = 300) int k) {
        Candidates candidates = new Candidates();
        candidates.loadBest(logits, k);
        List<Integer> expected = ids(Distribution.of(logits).topK(k));
        if (k < logits.length) {
            assertEquals(expected, ids(candidates));
            assertTrue(candidates.isSorted());
            // The next token has other logits.
            candidates.load(logits);
            assertEquals(logits.length, candidates.size());
        } else {
            assertEquals(new TreeSet<>(expected), new TreeSet<>(ids(candidates)));
        }
    }

    @Property(tries = 300)
    void bestIsTheFirstOfAFullSort(@ForAll("logits") float[] logits) {
        Candidates candidates = Candidates.of(logits);
        int best = Distribution.of(logits).entries().getFirst().id();
        assertEquals(best, candidates.id(candidates.best()));
        assertEquals(best, Logits.highest(logits));
    }

    @Property(tries = 500)
    void topPIsTheSmallestSetOfTheMostProbable(
            @ForAll("logits") float[] logits, @ForAll @FloatRange(min = 0, max = 1) float p, @ForAll boolean sorted) {
        Candidates candidates = Candidates.of(logits);
        if (sorted) {
            candidates.sort();
        }
        new TopP(p).apply(candidates, NONE);
        int kept = candidates.size();
        assertTrue(kept >= 1);
        Distribution all = Distribution.of(logits);
        assertEquals(new TreeSet<>(ids(all.topK(kept))), new TreeSet<>(ids(candidates)));
        // Probabilities are floats, rounded to 2^-24 of themselves, so their sum is to 2^-24.
        double slack = Math.scalb(1.0, -24);
        List<Double> probabilities = all.probabilities();
        double mass = probabilities.subList(0, kept).stream()
                .mapToDouble(Double::doubleValue)
                .sum();
        assertTrue(mass >= p - slack, mass + " is less than " + p);
        double withoutLast = mass - probabilities.get(kept - 1);
        assertTrue(kept == 1 || p == 1 || withoutLast < p + slack, withoutLast + " would do for " + p);
    }

    @Property(tries = 300)
    void minPKeepsWhatReachesItsShareOfTheHighest(
            @ForAll("logits") float[] logits, @ForAll @FloatRange(min = 0, max = 1) float p) {
        Candidates candidates = Candidates.of(logits);
        new MinP(p).apply(candidates, NONE);
        Set<Integer> kept = new TreeSet<>(ids(candidates));
        double highest = Distribution.of(logits).entries().getFirst().logit();
        for (int id = 0; id < logits.length; id++) {
            double share = Math.exp(logits[id] - highest);
            if (Math.abs(share - p) > 1e-12) {
                assertEquals(share > p, kept.contains(id), "token " + id);
            }
        }
    }

    @Property(tries = 300)
    void typicalKeepsTheSmallestSetOfNearestSurprise(
            @ForAll("logits") float[] logits, @ForAll @FloatRange(min = 0, max = 0.99f) float p) {
        Candidates candidates = Candidates.of(logits);
        new Typical(p).apply(candidates, NONE);
        Set<Integer> kept = new TreeSet<>(ids(candidates));
        Map<Integer, Double> probabilities = Distribution.of(logits).byId();
        double entropy = probabilities.values().stream()
                .filter(x -> x > 0)
                .mapToDouble(x -> -x * Math.log(x))
                .sum();
        double mass = 0;
        double farthestKept = 0;
        double heaviestFarthest = 0;
        double nearestGone = Double.POSITIVE_INFINITY;
        for (int id = 0; id < logits.length; id++) {
            double distance = Math.abs(-Math.log(probabilities.get(id)) - entropy);
            if (kept.contains(id)) {
                mass += probabilities.get(id);
                if (distance > farthestKept - 1e-5) {
                    heaviestFarthest = Math.max(heaviestFarthest, probabilities.get(id));
                }
                farthestKept = Math.max(farthestKept, distance);
            } else {
                nearestGone = Math.min(nearestGone, distance);
            }
        }
        // Distances are floats of numbers below 64 (or -ln of 0), and equal ones are many.
        assertTrue(farthestKept <= nearestGone + 1e-5, farthestKept + " kept, " + nearestGone + " gone");
        assertTrue(mass >= p - 1e-6, mass + " is less than " + p);
        assertTrue(kept.size() == 1 || mass - heaviestFarthest < p + 1e-6, mass + " is more than needed for " + p);
    }

    @Provide
    Arbitrary<SamplerStep> stepsWithoutSums() {
        return Arbitraries.of(new TopK(1), new TopK(40), new MinP(0.05f), new MinP(1), new Temperature(0.7f));
    }

    /** The steps that add up may differ in the last bit of a sum, and so by one token, when the order differs. */
    @Property(tries = 500)
    void theOrderOfTokensDoesNotMatter(
            @ForAll("logits") float[] logits, @ForAll("stepsWithoutSums") SamplerStep step, @ForAll Random random) {
        float[] shuffled = logits.clone();
        for (int i = shuffled.length - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            float swap = shuffled[i];
            shuffled[i] = shuffled[j];
            shuffled[j] = swap;
        }
        assertArrayEquals(sortedLogits(logits, step), sortedLogits(shuffled, step));
    }

    private static float[] sortedLogits(float[] logits, SamplerStep step) {
        Candidates candidates = Candidates.of(logits);
        step.apply(candidates, NONE);
        float[] result = new float[candidates.size()];
        for (int i = 0; i < result.length; i++) {
            result[i] = candidates.logit(i);
        }
        Arrays.sort(result);
        return result;
    }

    @Property(tries = 200)
    void defaultChainIsThatOfTheDefinitions(@ForAll("logits") float[] logits) {
        Candidates candidates = Candidates.of(logits);
        for (SamplerStep step : SamplerOptions.builder().newSampler().steps()) {
            step.apply(candidates, NONE);
        }
        Distribution expected =
                Distribution.of(logits).topK(40).topP(0.95f).minP(0.05f).temperature(0.8f);
        assertEquals(expected.byId().keySet(), Distribution.byId(candidates).keySet());
        Distribution.byId(candidates)
                .forEach((id, p) -> assertEquals(expected.byId().get(id), p, 1e-6, "token " + id));
    }

    @Property(tries = 300)
    void softmaxIsTheDefinition(@ForAll("logits") float[] logits) {
        Map<Integer, Double> expected = Distribution.of(logits).byId();
        Distribution.byId(Candidates.of(logits))
                .forEach((id, p) -> assertEquals(expected.get(id), p, 2e-7 * expected.get(id) + 1e-40, "token " + id));
    }

    @Property(tries = 300)
    void keepIfAndKeepFromKeepTheOrder(@ForAll("logits") float[] logits) {
        Candidates byTest = Candidates.of(logits);
        byTest.keepIf(i -> byTest.logit(i) >= 0);
        Candidates byLimit = Candidates.of(logits);
        byLimit.keepFrom(0);
        List<Integer> expected = IntStream.range(0, logits.length)
                .filter(id -> logits[id] >= 0)
                .boxed()
                .toList();
        assertEquals(expected, ids(byTest));
        assertEquals(expected, ids(byLimit));
    }
}
