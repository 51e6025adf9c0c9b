package dev.skald.bench.lab;

import dev.skald.bench.lab.Measured.Quality;
import dev.skald.bench.lab.Measured.Size;
import dev.skald.bench.lab.Measured.Speed;
import java.util.List;

/** Types with made-up measurements. */
final class Types {
    static final long GB = 1_000_000_000;

    private Types() {}

    /** A type whose other numbers are those of the source. */
    static Measured type(String name, double gigabytes, double kl, double klError, double sameTop, double speed) {
        return type(name, gigabytes, kl, klError, sameTop, speed, 1 + kl, 0.001);
    }

    static Measured type(
            String name,
            double gigabytes,
            double kl,
            double klError,
            double sameTop,
            double speed,
            double ratio,
            double ratioError) {
        long bytes = (long) (gigabytes * GB);
        return new Measured(
                "",
                name,
                new Size(bytes, 4, "", 1, 0),
                List.of(),
                new Quality(5 * ratio, 0.1, ratio, ratioError, kl, klError, 9 * kl, 20 * kl, 40 * kl, sameTop, 0.002),
                new Speed(100, 1, 0.5, speed, 0.1, 0.5, bytes));
    }

    static QuantizationReport report(double underGigabytes, Measured... types) {
        return new QuantizationReport(
                "Model",
                "model-F16.gguf",
                "t",
                512,
                1,
                "here",
                "",
                1,
                1,
                (long) (underGigabytes * GB),
                type("source", 8, 0, 0, 1, 5),
                List.of(types),
                List.of());
    }
}
