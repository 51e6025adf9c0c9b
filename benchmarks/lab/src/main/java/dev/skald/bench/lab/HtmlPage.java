package dev.skald.bench.lab;

import dev.skald.bench.lab.Measured.Quality;
import dev.skald.bench.lab.Measured.Speed;
import dev.skald.bench.lab.Measured.TensorError;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/** The report as a page that needs nothing else: no script, no font, no picture from elsewhere. */
final class HtmlPage {
    private static final List<String> CAPTIONS = List.of(
            "<b>Quality against size.</b> Further down is closer to the source, further left is smaller.",
            "<b>Quality against speed.</b> Further down is closer to the source, further right is faster.",
            "<b>Error per layer.</b> What the weights of a layer lost, against their size; the output matrix and the token"
                    + " embedding stand in the table below.");

    private final QuantizationReport report;
    private final StringBuilder html = new StringBuilder();

    private HtmlPage(QuantizationReport report) {
        this.report = report;
    }

    static String of(QuantizationReport report) {
        return new HtmlPage(report).write();
    }

    private String write() {
        html.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>")
                .append(text(report.model()))
                .append(": quantizations compared</title>\n")
                .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<style>\n")
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
        html.append(text(Recommendations.size(report.source().size().bytes())))
                .append(", ")
                .append(text(report.source().size().types()))
                .append(" · text ")
                .append(text(report.text()))
                .append(", up to ")
                .append(report.chunks())
                .append(" chunks of ")
                .append(report.context())
                .append(" tokens · ")
                .append(text(
                        report.importance().isEmpty()
                                ? "no importance matrix"
                                : "importance matrix " + report.importance()))
                .append("<br>")
                .append(text(report.machine()));
        if (report.source().size().bitsPerWeight() < 15.9) {
            html.append("<br>The source is quantized itself: what it has lost before is not seen here.");
        }
        html.append("</p>\n");
    }

    private void recommendations() {
        html.append("<div class=\"cards\">\n");
        for (String sentence : report.recommendations()) {
            int colon = sentence.indexOf(": ");
            html.append("<div class=\"card\"><h2>")
                    .append(text(sentence.substring(0, colon)))
                    .append("</h2><p>")
                    .append(text(sentence.substring(colon + 2)))
                    .append("</p></div>\n");
        }
        html.append("</div>\n");
    }

    private void table() {
        html.append("<table class=\"main\">\n<thead><tr><th rowspan=\"2\">Type</th><th colspan=\"2\">Size</th>")
                .append("<th colspan=\"2\">Perplexity</th><th colspan=\"2\">KL divergence</th>")
                .append("<th rowspan=\"2\">Same<br>top token</th><th rowspan=\"2\">Weights'<br>error</th>")
                .append("<th colspan=\"2\">Prompt</th><th colspan=\"2\">Generation</th>")
                .append("<th rowspan=\"2\">Memory</th></tr>\n")
                .append("<tr><th>file</th><th>bits/w</th><th>value</th><th>change</th><th>mean</th><th>99 %</th>")
                .append("<th>t/s</th><th>of limit</th><th>t/s</th><th>of limit</th></tr></thead>\n<tbody>\n");
        row(report.source(), "source");
        for (Measured type : report.types()) {
            row(type, "");
        }
        html.append("</tbody>\n</table>\n");
    }

    private void row(Measured type, String css) {
        Quality quality = type.quality();
        Speed speed = type.speed();
        boolean source = type == report.source();
        html.append("<tr class=\"")
                .append(css)
                .append("\"><th>")
                .append(text(type.name()))
                .append("</th>");
        cell(Recommendations.size(type.size().bytes()), text(type.size().types()), "");
        cell(format("%.2f", type.size().bitsPerWeight()), "", "");
        cell(format("%.3f", quality.perplexity()), format("± %.3f", quality.perplexityError()), "");
        cell(
                source ? "" : Recommendations.change(type),
                format("± %.2f %%", 100 * quality.ratioError()),
                source ? "" : quality.ratio() <= 1.01 ? "good" : quality.ratio() > 1.1 ? "bad" : "");
        cell(
                source ? "" : number(quality.kl()),
                format("± %s", number(quality.klError())),
                best(type, t -> -t.quality().kl()));
        cell(source ? "" : number(quality.kl99()), "", "");
        cell(
                source ? "" : format("%.1f %%", 100 * quality.sameTop()),
                format("± %.1f %%", 100 * quality.sameTopError()),
                best(type, t -> t.quality().sameTop()));
        cell(source ? "" : format("%.2f %%", 100 * meanError(type)), "", "");
        cell(
                Recommendations.speed(speed.prompt()),
                "± " + Recommendations.speed(speed.promptDeviation()),
                best(type, t -> t.speed().prompt()));
        cell(format("%.0f %%", 100 * speed.promptShare()), "", "");
        cell(
                Recommendations.speed(speed.generation()),
                "± " + Recommendations.speed(speed.generationDeviation()),
                best(type, t -> t.speed().generation()));
        cell(format("%.0f %%", 100 * speed.generationShare()), "", "");
        cell(Recommendations.size(speed.memory()), "", "");
        html.append("</tr>\n");
    }

    private void cell(String value, String title, String css) {
        html.append("<td");
        if (!css.isEmpty()) {
            html.append(" class=\"").append(css).append('"');
        }
        if (!title.isEmpty()) {
            html.append(" title=\"").append(title).append('"');
        }
        html.append('>').append(value).append("</td>");
    }

    /** The class of a cell whose value no other type exceeds. */
    private String best(Measured type, ToDoubleFunction<Measured> value) {
        double most = report.types().stream().mapToDouble(value).max().orElse(Double.NaN);
        return type != report.source() && value.applyAsDouble(type) == most ? "good" : "";
    }

    /** What all weights together lost, against their size. */
    static double meanError(Measured type) {
        double lost = 0;
        double there = 0;
        for (TensorError error : type.errors()) {
            lost += error.rmse() * error.rmse() * error.weights();
            there += error.rms() * error.rms() * error.weights();
        }
        return there == 0 ? 0 : Math.sqrt(lost / there);
    }

    private void plots() {
        html.append("<div class=\"plots\">\n");
        Plots.of(report)
                .ifPresentOrElse(
                        plots -> {
                            for (int i = 0; i < plots.size(); i++) {
                                if (!plots.get(i).isEmpty()) {
                                    html.append(i == 2 ? "<figure class=\"wide\">" : "<figure>")
                                            .append(ofItsOwn(plots.get(i), i))
                                            .append("<figcaption>")
                                            .append(CAPTIONS.get(i))
                                            .append("</figcaption></figure>\n");
                                }
                            }
                        },
                        () -> html.append("<p>Without plots: the Java that made this page found no fonts.</p>\n"));
        html.append("</div>\n");
    }

    /** A plot whose parts have names that no other plot on the page has. */
    private static String ofItsOwn(String svg, int index) {
        String prefix = "plot" + index + "-";
        return svg.replace(" id=\"", " id=\"" + prefix)
                .replace("url(#", "url(#" + prefix)
                .replace("href=\"#", "href=\"#" + prefix);
    }

    private void errors() {
        Set<String> tensors = new LinkedHashSet<>();
        report.types().forEach(type -> type.errors().forEach(error -> tensors.add(error.tensor())));
        html.append("<details><summary>Error of each tensor</summary>\n<table>\n<thead><tr><th>Tensor</th>");
        report.types()
                .forEach(type -> html.append("<th colspan=\"2\">")
                        .append(text(type.name()))
                        .append("</th>"));
        html.append("</tr></thead>\n<tbody>\n");
        List<Map<String, TensorError>> columns = report.types().stream()
                .map(type -> {
                    Map<String, TensorError> byName = new LinkedHashMap<>();
                    type.errors().forEach(error -> byName.put(error.tensor(), error));
                    return byName;
                })
                .toList();
        for (String tensor : tensors) {
            html.append("<tr><th>").append(text(tensor)).append("</th>");
            for (Map<String, TensorError> column : columns) {
                TensorError error = column.get(tensor);
                if (error == null) {
                    html.append("<td></td><td>kept</td>");
                } else {
                    html.append("<td class=\"type\">")
                            .append(error.type())
                            .append("</td><td title=\"RMSE ")
                            .append(format("%.3g", error.rmse()))
                            .append("\">")
                            .append(format("%.2f %%", 100 * error.relative()))
                            .append("</td>");
                }
            }
            html.append("</tr>\n");
        }
        html.append("</tbody>\n</table>\n</details>\n");
    }

    private void explanations() {
        html.append("<details><summary>What the numbers are</summary>\n<dl>\n");
        term(
                "Perplexity",
                "how uncertain the model is of each next token of the text, as llama-perplexity defines it; the"
                        + " lower the better. Its standard error is that of the text; the change against the source is known much"
                        + " better, since both read the same text.");
        term(
                "KL divergence",
                "how far the predictions are from the source's, mean over the predictions, and what one in a"
                        + " hundred exceeds. It sees losses that perplexity averages out.");
        term("Same top token", "in what share of the predictions the most probable token is the source's.");
        term("Weights' error", "the root of the mean square of what the weights lost, over that of the weights.");
        term(
                "Prompt, generation",
                "tokens per second for a prompt of " + report.promptTokens() + " tokens, and for "
                        + report.generatedTokens()
                        + " tokens one by one. The limit is what this machine's memory and arithmetic"
                        + " allow, measured beside it; a model that the caches hold goes beyond it.");
        term("Memory", "of the weights as they are while the model runs.");
        html.append("</dl>\n</details>\n");
    }

    private void term(String name, String meaning) {
        html.append("<dt>")
                .append(text(name))
                .append("</dt><dd>")
                .append(text(meaning))
                .append("</dd>\n");
    }

    static String number(double value) {
        return Math.abs(value) >= 5e-5 ? format("%.4f", value) : "&lt; 0.0001";
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    private static String text(String raw) {
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
