package dev.skald.bench.lab;

import dev.skald.bench.lab.Measured.Quality;
import dev.skald.bench.lab.Measured.Speed;
import dev.skald.bench.lab.Measured.TensorError;
import dev.skald.bench.lab.ScatterPlot.Point;
import dev.skald.runtime.measure.Estimate;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** The report as a page that needs no other file: no script, font or picture. It fits any width. */
final class HtmlPage {
    private static final String HOW_TO_READ =
            " The line joins the types that no other beats: the filled points. Differences within the noise do not count. Bars"
                    + " are one standard error, or one standard deviation of repeated timings; a triangle marks a type below the"
                    + " axis.";

    private final QuantizationReport report;
    private final StringBuilder html = new StringBuilder();
    private final List<Measured> closest;
    private final List<Measured> mostAgreeing;
    private final List<Measured> fastestReading;
    private final List<Measured> fastestGenerating;

    private HtmlPage(QuantizationReport report) {
        this.report = report;
        closest = Noise.lowest(report.types(), Noise::divergence);
        mostAgreeing = Noise.highest(report.types(), Noise::agreement);
        fastestReading = Noise.highest(report.types(), Noise::prompt);
        fastestGenerating = Noise.highest(report.types(), Noise::generation);
    }

    static String of(QuantizationReport report) {
        return new HtmlPage(report).write();
    }

    private String write() {
        html.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>")
                .append(text(report.model()))
                .append(": quantizations compared</title>\n")
                .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
                .append("<meta name=\"color-scheme\" content=\"light dark\">\n<style>\n")
                .append(style())
                .append("</style>\n</head>\n<body>\n");
        head();
        recommendations();
        table();
        plots();
        errors();
        explanations();
        return html.append("</body>\n</html>\n").toString();
    }

    private void head() {
        html.append("<h1>").append(text(report.model())).append("</h1>\n<p class=\"facts\">");
        html.append(text(report.file()))
                .append(", ")
                .append(text(Words.size(report.source().size().bytes())))
                .append(", ")
                .append(text(report.source().size().types()))
                .append("<br>")
                .append(text(Words.beginning(Words.setting(report))));
        if (report.source().size().bitsPerWeight() < 15.9) {
            html.append("<br>The source is quantized itself. What it lost before is not visible here.");
        }
        html.append("</p>\n");
        if (!report.missing().isEmpty()) {
            html.append("<p class=\"missing\">Not measured yet: ")
                    .append(text(String.join(", ", report.missing())))
                    .append(".</p>\n");
        }
    }

    private void recommendations() {
        html.append("<div class=\"cards\">\n");
        for (String sentence : report.recommendations()) {
            int colon = sentence.indexOf(": ");
            html.append("<div class=\"card\"><h2>")
                    .append(text(sentence.substring(0, colon)))
                    .append("</h2><p>")
                    .append(text(Words.beginning(sentence.substring(colon + 2))))
                    .append("</p></div>\n");
        }
        html.append("</div>\n");
    }

    private void table() {
        html.append("<table class=\"main\">\n<thead><tr><th>Type</th><th>Size</th><th>Bits per<br>weight</th>")
                .append(
                        "<th>KL<br>divergence</th><th>99 %</th><th>99.9 %</th><th>largest</th><th>Same top<br>token</th>")
                .append("<th>Perplexity</th><th>Change</th><th>Weights'<br>error</th><th>Prompt<br>tokens/s</th>")
                .append("<th>Generation<br>tokens/s</th><th>Memory</th></tr></thead>\n<tbody>\n");
        row(report.source());
        report.types().forEach(this::row);
        html.append("</tbody>\n</table>\n");
    }

    private void row(Measured type) {
        Quality quality = type.quality();
        Speed speed = type.speed();
        boolean source = type == report.source();
        html.append(source ? "<tr class=\"source\"><th>" : "<tr><th>")
                .append(text(type.name()))
                .append("</th>");
        cell("Size", Words.size(type.size().bytes()), type.size().types(), "");
        cell("Bits per weight", Words.format("%.2f", type.size().bitsPerWeight()), "");
        cell("KL divergence", source ? "" : Words.divergence(type), best(type, closest));
        cell("KL, 99 %", source ? "" : Words.number(quality.kl99()), "");
        cell("KL, 99.9 %", source ? "" : Words.number(quality.kl999()), "");
        cell("KL, largest", source ? "" : Words.number(quality.klMost()), "");
        cell("Same top token", source ? "" : Words.agreement(type), best(type, mostAgreeing));
        cell("Perplexity", Words.perplexity(type), "");
        cell("Change", source ? "" : Words.change(type), source ? "" : change(type));
        cell("Weights' error", source ? "" : Words.format("%.2f %%", 100 * Words.meanError(type)), "");
        cell(
                "Prompt, tokens/s",
                Words.speed(speed.prompt(), speed.promptDeviation()),
                Words.format("%.0f %% of the limit", 100 * speed.promptShare()),
                best(type, fastestReading));
        cell(
                "Generation, tokens/s",
                Words.speed(speed.generation(), speed.generationDeviation()),
                Words.format("%.0f %% of the limit", 100 * speed.generationShare()),
                best(type, fastestGenerating));
        cell("Memory", Words.size(speed.memory()), "");
        html.append("</tr>\n");
    }

    private void cell(String label, String value, String css) {
        cell(label, value, "", css);
    }

    private void cell(String label, String value, String title, String css) {
        html.append("<td data-label=\"").append(text(label)).append('"');
        if (!css.isEmpty()) {
            html.append(" class=\"").append(css).append('"');
        }
        if (!title.isEmpty()) {
            html.append(" title=\"").append(text(title)).append('"');
        }
        int error = value.indexOf(" ±");
        html.append('>');
        if (!value.isEmpty()) {
            html.append("<span>")
                    .append(text(error < 0 ? value : value.substring(0, error)))
                    .append("</span>");
        }
        if (error >= 0) {
            html.append(" <small>").append(text(value.substring(error + 1))).append("</small>");
        }
        html.append("</td>");
    }

    /** Returns the class of a value: the best beyond the noise, or not distinguishable from the best. */
    private static String best(Measured type, List<Measured> best) {
        return !best.contains(type) ? "" : best.size() == 1 ? "best" : "tied";
    }

    private static String change(Measured type) {
        return Noise.samePerplexity(type) ? "noise" : "";
    }

    private void plots() {
        if (report.types().isEmpty()) {
            return;
        }
        html.append("<div class=\"plots\">\n");
        List<Point> sizes = points(type -> new Estimate(type.size().bitsPerWeight(), 0));
        // Many names need room.
        int height = 460 + 10 * Math.max(0, report.types().size() - 12);
        Measured some = report.types().getFirst();
        double bytes = some.size().bytes() / some.size().bitsPerWeight();
        figure(
                "",
                "<b>Quality against size.</b> Lower is closer to the source, further left is smaller." + HOW_TO_READ,
                Optional.of(ScatterPlot.draw(sizes, "Bits per weight", true, bytes, 620, height)),
                Optional.of(ScatterPlot.draw(sizes, "Bits per weight", true, bytes, 350, height)));
        List<Point> speeds = points(
                type -> new Estimate(type.speed().generation(), type.speed().generationDeviation()));
        figure(
                "",
                "<b>Quality against speed.</b> Lower is closer to the source, further right is faster." + HOW_TO_READ,
                Optional.of(ScatterPlot.draw(speeds, "Tokens generated per second", false, 0, 620, height)),
                Optional.of(ScatterPlot.draw(speeds, "Tokens generated per second", false, 0, 350, height)));
        figure(
                " class=\"wide\"",
                "<b>Error per layer.</b> What the weights of a layer lost, against their size. The output matrix and the"
                        + " token embedding are in the tables below.",
                LayerPlot.draw(report.types(), 1280, 400),
                LayerPlot.draw(report.types(), 350, 400));
        html.append("</div>\n");
    }

    private List<Point> points(Function<Measured, Estimate> across) {
        return report.types().stream()
                .map(type -> new Point(type.name(), across.apply(type), Noise.divergence(type)))
                .toList();
    }

    /** Returns a picture for wide pages and one for narrow ones; the style sheet shows one of them. */
    private void figure(String css, String caption, Optional<Svg> wide, Optional<Svg> narrow) {
        if (wide.isEmpty() || narrow.isEmpty()) {
            return;
        }
        html.append("<figure").append(css).append('>');
        picture("on-wide", wide.get());
        picture("on-narrow", narrow.get());
        html.append("<figcaption>").append(caption).append("</figcaption></figure>\n");
    }

    private void picture(String css, Svg svg) {
        html.append("<div class=\"").append(css).append("\">").append(svg);
        if (!svg.note().isEmpty()) {
            html.append("<p class=\"note\">").append(text(svg.note())).append("</p>");
        }
        html.append("</div>");
    }

    private void errors() {
        html.append("<h2>Error of each tensor</h2>\n");
        for (Measured type : report.types()) {
            html.append("<details><summary>").append(text(type.name())).append("</summary>\n<table class=\"errors\">");
            html.append("<thead><tr><th>Tensor</th><th>Type</th><th>Error</th></tr></thead>\n<tbody>\n");
            for (TensorError error : type.errors()) {
                html.append("<tr><th>")
                        .append(text(error.tensor()))
                        .append("</th><td>")
                        .append(text(error.type()))
                        .append("</td><td title=\"RMSE ")
                        .append(Words.format("%.3g", error.rmse()))
                        .append("\">")
                        .append(Words.format("%.2f %%", 100 * error.relative()))
                        .append("</td></tr>\n");
            }
            html.append("</tbody></table>\n<p class=\"note\">All other tensors are kept as they are.");
            if (type.size().fallbacks() > 0) {
                html.append(" Tensors with another type because blocks do not divide their rows: ")
                        .append(type.size().fallbacks())
                        .append('.');
            }
            html.append("</p></details>\n");
        }
    }

    private void explanations() {
        html.append("<h2>What the numbers are</h2>\n<dl>\n");
        term(
                "Noise",
                "± is one standard error, or one standard deviation of repeated timings. Two values count as different if they"
                        + " are further apart than twice the standard error of their difference. A value in bold is the best"
                        + " beyond the noise; values with a dotted line below them cannot be told apart from the best.");
        term(
                "KL divergence",
                "how far the predictions are from the source's, in nats: the mean, what one prediction in a hundred and one in"
                        + " a thousand exceeds, and the largest. It shows losses that perplexity averages out.");
        term("Same top token", "the share of predictions whose most probable token is the source's.");
        term(
                "Close to the source",
                Words.format(
                        "a mean divergence of at most %.2f nats and the same top token in at least %.0f %% of predictions, both"
                                + " beyond the noise. A type is usable if it has the same top token in at least %.0f %%.",
                        Recommendations.CLOSE_KL, 100 * Recommendations.CLOSE_TOP, 100 * Recommendations.USABLE_TOP));
        term(
                "Perplexity",
                "how uncertain the model is of each next token of the text, as llama-perplexity defines it; lower is better. The"
                        + " change against the source is known better than the perplexity, because both read the same text. A"
                        + " change within the noise is grey. Perplexity decides nothing here: better and worse predictions"
                        + " cancel out in it.");
        term("Weights' error", "the root mean square of what the weights lost, over that of the weights.");
        term(
                "Prompt, generation",
                "tokens per second for a prompt of " + report.promptTokens() + " tokens, and for "
                        + report.generatedTokens()
                        + " tokens one by one. The limit in a cell's tooltip is what this machine's memory and arithmetic"
                        + " allow, measured beside it. A model that fits into the caches exceeds it.");
        term("Memory", "of the weights while the model runs.");
        html.append("</dl>\n");
    }

    private void term(String name, String meaning) {
        html.append("<dt>")
                .append(text(name))
                .append("</dt><dd>")
                .append(text(meaning))
                .append("</dd>\n");
    }

    static String text(String raw) {
        return raw.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }

    private static String style() {
        try (InputStream in = HtmlPage.class.getResourceAsStream("lab.css")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
