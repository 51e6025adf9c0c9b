package dev.skald.bench.lab;

/** The report as Markdown for a model card: a table, what to choose, and how it was measured. */
final class MarkdownPage {
    private MarkdownPage() {}

    static String of(QuantizationReport report) {
        StringBuilder out = new StringBuilder("## Quantizations of ")
                .append(text(report.model()))
                .append("\n\n");
        out.append(
                "| type | size | bits per weight | KL divergence | 99 % | 99.9 % | same top token | perplexity | tokens/s |\n");
        out.append("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n");
        out.append(row(report.source(), true));
        report.types().forEach(type -> out.append(row(type, false)));
        out.append('\n');
        report.recommendations()
                .forEach(sentence -> out.append("- ").append(text(sentence)).append('\n'));
        if (!report.missing().isEmpty()) {
            out.append("- Not measured yet: ")
                    .append(String.join(", ", report.missing()))
                    .append(".\n");
        }
        return out.append("\nMeasured with Skald: ")
                .append(text(Words.setting(report)))
                .append(
                        ". KL divergence (mean, and what 1 % and 0.1 % of predictions exceed) and same top token are against ")
                .append(text(report.file()))
                .append("; ± is one standard error. Tokens/s are generated tokens.\n")
                .toString();
    }

    private static String row(Measured type, boolean source) {
        return Words.format(
                "| %s | %s | %.2f | %s | %s | %s | %s | %s | %s |\n",
                type.name(),
                Words.size(type.size().bytes()),
                type.size().bitsPerWeight(),
                source ? "" : text(Words.divergence(type)),
                source ? "" : text(Words.number(type.quality().kl99())),
                source ? "" : text(Words.number(type.quality().kl999())),
                source ? "" : Words.agreement(type),
                Words.perplexity(type),
                Words.speed(type.speed().generation(), type.speed().generationDeviation()));
    }

    /** Escapes names from files, so that they are neither Markdown nor HTML. */
    private static String text(String raw) {
        return raw.replace("\\", "\\\\")
                .replace("|", "\\|")
                .replace("<", "&lt;")
                .replace("*", "\\*")
                .replace("[", "\\[")
                .replace("`", "\\`");
    }
}
