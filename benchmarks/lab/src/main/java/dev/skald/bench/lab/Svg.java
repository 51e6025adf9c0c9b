package dev.skald.bench.lab;

import java.util.List;
import java.util.stream.Collectors;

/** A picture in a page. The page's style sheet sets its colours, so it fits light and dark pages. */
final class Svg {
    private final StringBuilder out = new StringBuilder();
    private String note = "";

    Svg(int width, int height, String description) {
        out.append(Words.format(
                "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">",
                width, height, HtmlPage.text(description)));
    }

    void line(String css, double x1, double y1, double x2, double y2) {
        out.append(Words.format(
                "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>", css, x1, y1, x2, y2));
    }

    void text(String css, double x, double y, String anchor, String text) {
        out.append(Words.format(
                "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>",
                css, x, y, anchor, HtmlPage.text(text)));
    }

    void path(String css, List<double[]> points) {
        if (points.size() > 1) {
            out.append(Words.format("<polyline class=\"%s\" points=\"%s\"/>", css, coordinates(points)));
        }
    }

    void colored(String color, List<double[]> points) {
        out.append(Words.format(
                "<polyline class=\"layer\" style=\"stroke:%s\" points=\"%s\"/>", color, coordinates(points)));
    }

    /** A circle, or a triangle that points down. */
    void point(String css, double x, double y, boolean below, String title) {
        out.append(
                below
                        ? Words.format("<path class=\"%s\" d=\"M%.1f %.1fh10l-5 8z\">", css, x - 5, y - 4)
                        : Words.format("<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"4.5\">", css, x, y));
        out.append("<title>").append(HtmlPage.text(title)).append("</title>").append(below ? "</path>" : "</circle>");
    }

    /** Adds the caption. */
    void note(String text) {
        note = text;
    }

    String note() {
        return note;
    }

    private static String coordinates(List<double[]> points) {
        return points.stream()
                .map(point -> Words.format("%.1f,%.1f", point[0], point[1]))
                .collect(Collectors.joining(" "));
    }

    @Override
    public String toString() {
        return out + "</svg>";
    }
}
