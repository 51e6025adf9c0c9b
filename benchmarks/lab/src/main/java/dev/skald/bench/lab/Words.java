package dev.skald.bench.lab;

import dev.skald.bench.lab.Measured.TensorError;
import java.util.Locale;

/** Formats numbers for people. An error is one standard error, or one standard deviation of repeated timings. */
final class Words {
    private Words() {}

    static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    /** Makes the first letter a capital. */
    static String beginning(String sentence) {
        return sentence.substring(0, 1).toUpperCase(Locale.ROOT) + sentence.substring(1);
    }

    /** Bytes in units of 1000. */
    static String size(long bytes) {
        return bytes >= 1_000_000_000
                ? format("%.2f GB", bytes / 1e9)
                : format(bytes >= 100_000_000 ? "%.0f MB" : "%.2f MB", bytes / 1e6);
    }

    static String speed(double tokensPerSecond, double deviation) {
        String format = tokensPerSecond >= 100 ? "%,.0f ± %,.0f" : "%.1f ± %.1f";
        return format(format, tokensPerSecond, deviation);
    }

    /** Formats a value with as many decimals as its error justifies. */
    static String divergence(Measured type) {
        double error = type.quality().klError();
        if (type.quality().kl() <= Noise.LEAST_KL) {
            return "< 0.0001";
        }
        int decimals = error > 0 ? (int) Math.clamp(Math.ceil(-Math.log10(error)), 4, 6) : 4;
        String format = "%." + decimals + "f";
        return format(format + " ± " + format, type.quality().kl(), error);
    }

    static String agreement(Measured type) {
        return format(
                "%.1f ± %.1f %%",
                100 * type.quality().sameTop(), 100 * type.quality().sameTopError());
    }

    static String perplexity(Measured type) {
        double value = type.quality().perplexity();
        String format = value >= 1000 ? "%,.0f ± %,.0f" : value >= 100 ? "%.1f ± %.1f" : "%.3f ± %.3f";
        return format(format, value, type.quality().perplexityError());
    }

    /** Formats the difference between a perplexity and the source's. */
    static String change(Measured type) {
        // Rounded first, so that no zero is negative.
        double percent = Math.round(10_000 * (type.quality().ratio() - 1)) / 100.0 + 0.0;
        String format = percent >= 1000 ? "%+,.0f ± %,.0f %%" : "%+.2f ± %.2f %%";
        return format(format, percent, 100 * type.quality().ratioError());
    }

    /** Formats a divergence, or says that it cannot be told from rounding. */
    static String number(double value) {
        return value > Noise.LEAST_KL ? format("%.4f", value) : "< 0.0001";
    }

    /** Formats the loss of all weights together, relative to their size. */
    static double meanError(Measured type) {
        double lost = 0;
        double there = 0;
        for (TensorError error : type.errors()) {
            lost += error.rmse() * error.rmse() * error.weights();
            there += error.rms() * error.rms() * error.weights();
        }
        return there == 0 ? 0 : Math.sqrt(lost / there);
    }

    /** Describes what was read, and on which machine. */
    static String setting(QuantizationReport report) {
        return "text " + report.text() + ", up to " + report.chunks() + " chunks of " + report.context() + " tokens; "
                + (report.importance().isEmpty() ? "no importance matrix" : "importance matrix " + report.importance())
                + "; " + report.machine();
    }
}
