package dev.skald.bench.lab;

import static dev.skald.bench.lab.Types.report;
import static dev.skald.bench.lab.Types.type;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class RecommendationsTest {
    @Test
    void namesTheSmallestCloseOneTheFastestUsableOneAndTheBestUnderTheLimit() {
        List<String> sentences = Recommendations.of(report(
                1.5,
                type("A", 4, 0.001, 0.0001, 0.99, 10),
                type("B", 2, 0.01, 0.001, 0.97, 20),
                type("C", 1, 0.1, 0.01, 0.9, 40)));
        assertEquals(
                "Smallest that stays close to the source: B, 2.00 GB at 4.00 bits per weight. KL divergence 0.0100 ± 0.0010,"
                        + " same top token 97.0 ± 0.2 %.",
                sentences.get(0));
        assertTrue(sentences.get(1).startsWith("Fastest: C, 1.00 GB"), sentences.get(1));
        assertTrue(sentences.get(2).startsWith("Best under 1.50 GB: C, "), sentences.get(2));
    }

    /** Two bits that predict this text better than the source do so by chance. */
    @Test
    void aPerplexitySmallerByChanceIsNotCrowned() {
        List<String> sentences = Recommendations.of(
                report(3, type("good", 2, 0.01, 0.001, 0.97, 20), type("bad", 1, 0.4, 0.01, 0.7, 21, 0.98, 0.03)));
        assertTrue(sentences.get(0).contains(": good, "), sentences.get(0));
        assertTrue(sentences.get(1).startsWith("Fastest: good, "), sentences.get(1));
        assertTrue(sentences.get(2).contains(": good, "), sentences.get(2));
    }

    /** Their divergences are 0.0002 apart, with an error of 0.0005 each. */
    @Test
    void ofTypesThatNoiseDoesNotTellApartTheSmallerIsNamed() {
        String best = Recommendations.of(report(
                        3, type("large", 2.5, 0.0100, 0.0005, 0.97, 20), type("small", 2, 0.0102, 0.0005, 0.97, 20)))
                .get(2);
        assertTrue(best.startsWith("Best under 3.00 GB: small, "), best);
        assertTrue(best.contains("(within the noise of the measurement: large)"), best);
    }

    /** Less than 2 % in speed is noise, whatever few repetitions show; then what is lost decides. */
    @Test
    void ofTypesEquallyFastTheCloserIsNamed() {
        String fastest = Recommendations.of(report(
                        3,
                        type("slow", 3, 0.01, 0.001, 0.97, 20),
                        type("closer", 2, 0.03, 0.001, 0.95, 40),
                        type("faster", 1.5, 0.09, 0.001, 0.9, 40.5)))
                .get(1);
        assertTrue(fastest.startsWith("Fastest: closer, "), fastest);
        assertTrue(fastest.contains("faster"), fastest);
    }

    @Test
    void whereNoiseTellsNoSpeedsApartNoneIsFastest() {
        String fastest = Recommendations.of(
                        report(3, type("A", 2, 0.03, 0.001, 0.95, 40), type("B", 1.5, 0.09, 0.001, 0.9, 40.5)))
                .get(1);
        assertEquals(
                "Fastest: undecided. The noise of the measurement does not tell the speed of the types apart.",
                fastest);
    }

    /** Both divergences are as small as rounding makes them. */
    @Test
    void ofTypesThatLoseNothingTheSmallerIsNamed() {
        String best = Recommendations.of(
                        report(9, type("F16", 4, 1e-7, 1e-9, 1, 20), type("Q8_0", 2, 4e-5, 1e-7, 1, 20)))
                .get(2);
        assertTrue(best.startsWith("Best under 9.00 GB: Q8_0, "), best);
        assertTrue(best.endsWith("KL divergence < 0.0001, same top token 100.0 ± 0.2 %."), best);
    }

    @Test
    void aFasterTypeThatAgreesTooRarelyIsMentionedOnly() {
        String fastest = Recommendations.of(
                        report(3, type("usable", 2, 0.05, 0.001, 0.9, 40), type("wild", 0.5, 2, 0.05, 0.4, 60)))
                .get(1);
        assertTrue(fastest.startsWith("Fastest: usable, "), fastest);
        assertTrue(fastest.endsWith("in 80 % of predictions: wild."), fastest);
    }

    /** A divergence of 0.019 ± 0.002 may be 0.022. */
    @Test
    void aLimitHoldsBeyondTheNoise() {
        assertTrue(Recommendations.close(type("sure", 1, 0.0150, 0.002, 0.97, 1)));
        assertTrue(!Recommendations.close(type("unsure", 1, 0.0190, 0.002, 0.97, 1)));
        assertTrue(!Recommendations.close(type("disagrees", 1, 0.0050, 0.001, 0.951, 1)));
    }

    @Test
    void saysWhenThereIsNone() {
        List<String> sentences = Recommendations.of(report(0.001, type("A", 4, 0.2, 0.01, 0.7, 10)));
        assertTrue(sentences.get(0).contains("none of these. The closest is A, "), sentences.get(0));
        assertTrue(sentences.get(1).endsWith("No type is certain to agree with the source in 80 % of predictions."));
        assertTrue(sentences.get(2).startsWith("Best under 1.00 MB: none."), sentences.get(2));
        assertEquals(List.of(), Recommendations.of(report(1)));
    }
}
