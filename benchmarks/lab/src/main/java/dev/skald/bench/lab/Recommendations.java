package dev.skald.bench.lab;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What to choose, in words. */
final class Recommendations {
    /** How much more perplexity is hardly noticed. */
    private static final double CLOSE = 1.01;

    private Recommendations() {}

    static List<String> of(QuantizationReport report) {
        return List.of(smallest(report), fastest(report), bestUnder(report));
    }

    private static String smallest(QuantizationReport report) {
        Optional<Measured> smallest = report.types().stream()
                .filter(type -> type.quality().ratio() <= CLOSE)
                .min(Comparator.comparingLong(type -> type.size().bytes()));
        if (smallest.isPresent()) {
            return format(
                    "Smallest within 1 %% of the source's perplexity: %s, %s at %.2f bits per weight (%s).",
                    smallest.get().name(),
                    size(smallest.get().size().bytes()),
                    smallest.get().size().bitsPerWeight(),
                    withError(smallest.get()));
        }
        Measured closest = report.types().stream()
                .min(Comparator.comparingDouble(type -> type.quality().ratio()))
                .orElseThrow();
        return format(
                "Smallest within 1 %% of the source's perplexity: none; the closest is %s (%s).",
                closest.name(), withError(closest));
    }

    private static String fastest(QuantizationReport report) {
        Measured fastest = report.types().stream()
                .max(Comparator.comparingDouble(type -> type.speed().generation()))
                .orElseThrow();
        return format(
                "Fastest: %s, %s tokens per second generated and %s read (%s).",
                fastest.name(),
                speed(fastest.speed().generation()),
                speed(fastest.speed().prompt()),
                withError(fastest));
    }

    private static String bestUnder(QuantizationReport report) {
        return report.types().stream()
                .filter(type -> type.size().bytes() < report.under())
                .min(Comparator.comparingDouble(type -> type.quality().kl()))
                .map(best -> format(
                        "Best under %s: %s, with %s and a divergence of %.4f (%s).",
                        size(report.under()),
                        best.name(),
                        size(best.size().bytes()),
                        best.quality().kl(),
                        withError(best)))
                .orElse(format("Best under %s: none; no type measured is that small.", size(report.under())));
    }

    private static String format(String text, Object... values) {
        return String.format(Locale.ROOT, text, values);
    }

    private static String withError(Measured type) {
        return format(
                "perplexity %s ± %.2f %%", change(type), 100 * type.quality().ratioError());
    }

    /** How a perplexity differs from the source's. */
    static String change(Measured type) {
        return format("%+.2f %%", 100 * (type.quality().ratio() - 1));
    }

    /** Bytes as people read them, in units of 1000. */
    static String size(long bytes) {
        return bytes >= 1_000_000_000
                ? String.format(Locale.ROOT, "%.2f GB", bytes / 1e9)
                : String.format(Locale.ROOT, bytes >= 100_000_000 ? "%.0f MB" : "%.2f MB", bytes / 1e6);
    }

    static String speed(double tokensPerSecond) {
        return String.format(Locale.ROOT, tokensPerSecond >= 100 ? "%,.0f" : "%.1f", tokensPerSecond);
    }
}
