package dev.skald.bench.lab;

import dev.skald.bench.lab.Measured.Quality;
import dev.skald.bench.lab.Measured.Speed;
import java.util.Locale;

/** The report as Markdown: what to choose, and the table. */
final class MarkdownPage {
    private MarkdownPage() {}

    static String of(QuantizationReport report) {
        StringBuilder out = new StringBuilder("# " + report.model() + "\n\n");
        report.recommendations()
                .forEach(sentence -> out.append("- ").append(sentence).append('\n'));
        out.append("\nText ")
                .append(report.text())
                .append(", up to ")
                .append(report.chunks())
                .append(" chunks of ")
                .append(report.context())
                .append(" tokens; ")
                .append(
                        report.importance().isEmpty()
                                ? "no importance matrix"
                                : "importance matrix " + report.importance())
                .append("; ")
                .append(report.machine())
                .append(".\n\n");
        out.append("| type | size | bits/w | perplexity | change | KL | same top | weights' error | pp")
                .append(report.promptTokens())
                .append(" t/s | of limit | tg")
                .append(report.generatedTokens())
                .append(" t/s | of limit | memory |\n");
        out.append("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n");
        out.append(row(report.source(), true));
        report.types().forEach(type -> out.append(row(type, false)));
        return out.toString();
    }

    private static String row(Measured type, boolean source) {
        Quality quality = type.quality();
        Speed speed = type.speed();
        return String.format(
                Locale.ROOT,
                "| %s | %s | %.2f | %.3f ± %.3f | %s | %s | %s | %s | %s | %.0f %% | %s | %.0f %% | %s |%n",
                type.name(),
                Recommendations.size(type.size().bytes()),
                type.size().bitsPerWeight(),
                quality.perplexity(),
                quality.perplexityError(),
                source ? "" : Recommendations.change(type),
                source ? "" : String.format(Locale.ROOT, "%.4f", quality.kl()),
                source ? "" : String.format(Locale.ROOT, "%.1f %%", 100 * quality.sameTop()),
                source ? "" : String.format(Locale.ROOT, "%.2f %%", 100 * HtmlPage.meanError(type)),
                Recommendations.speed(speed.prompt()),
                100 * speed.promptShare(),
                Recommendations.speed(speed.generation()),
                100 * speed.generationShare(),
                Recommendations.size(speed.memory()));
    }
}
