package dev.skald.bench.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.bench.lab.Measured.Quality;
import dev.skald.bench.lab.Measured.Size;
import dev.skald.bench.lab.Measured.Speed;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecommendationsTest {
    private static final long GB = 1_000_000_000;

    @Test
    void namesTheSmallestCloseOneTheFastestAndTheBestUnderTheLimit() {
        List<String> sentences = Recommendations.of(report(
                3 * GB,
                type("A", 4 * GB, 1.001, 0.001, 10),
                type("B", 2 * GB, 1.009, 0.01, 20),
                type("C", 1 * GB, 1.05, 0.1, 40)));
        assertEquals(
                "Smallest within 1 % of the source's perplexity: B, 2.00 GB at 4.00 bits per weight (perplexity +0.90 % ±"
                        + " 0.10 %).",
                sentences.get(0));
        assertTrue(sentences.get(1).startsWith("Fastest: C, 40.0 tokens per second"), sentences.get(1));
        assertTrue(sentences.get(2).startsWith("Best under 3.00 GB: B, "), sentences.get(2));
    }

    @Test
    void saysWhenThereIsNone() {
        List<String> sentences = Recommendations.of(report(1000, type("A", 4 * GB, 1.2, 0.2, 10)));
        assertTrue(sentences.get(0).contains("none; the closest is A"), sentences.get(0));
        assertTrue(sentences.get(2).startsWith("Best under 0.00 MB: none"), sentences.get(2));
    }

    private static QuantizationReport report(long under, Measured... types) {
        return new QuantizationReport(
                "m", "t", 512, 1, "here", "", 1, 1, under, type("source", 8 * GB, 1, 0, 5), List.of(types));
    }

    private static Measured type(String name, long bytes, double ratio, double kl, double speed) {
        return new Measured(
                "",
                name,
                new Size(bytes, 4, "", 1, 0),
                List.of(),
                new Quality(ratio * 5, 0.1, ratio, 0.001, kl, 0, kl, 0.9, 0),
                new Speed(100, 1, 0.5, speed, 1, 0.5, bytes));
    }
}
