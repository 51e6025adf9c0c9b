package dev.skald.bench.lab;

import dev.skald.runtime.measure.Estimate;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Types as points: their loss, against their size or their speed. */
final class ScatterPlot {
    /** A smaller divergence comes from rounding alone, and has no place on a logarithmic axis. */
    static final double LEAST_KL = 1e-6;

    private static final double LEFT = 58;
    private static final double RIGHT = 14;
    private static final double TOP = 40;
    private static final double BOTTOM = 46;

    private static final double NEAR = 60;

    private final Svg svg;
    private final Axis horizontal;
    private final Axis vertical;
    private final List<String> withoutPlace = new ArrayList<>();

    /**
     * A type in the plot.
     *
     * @param name the name of the type
     * @param x the horizontal value, with its error
     * @param y the divergence, with its error
     */
    record Point(String name, Estimate x, Estimate y) {
        boolean shown() {
            return y.value() >= LEAST_KL;
        }
    }

    private ScatterPlot(Svg svg, Axis horizontal, Axis vertical) {
        this.svg = svg;
        this.horizontal = horizontal;
        this.vertical = vertical;
    }

    /**
     * Draws a plot.
     *
     * @param points one for each type
     * @param title of the horizontal axis
     * @param lessIsBetter whether the best is on the left
     * @param bytesPerUnit of the horizontal axis, for a second scale; 0 for none
     */
    static Svg draw(
            List<Point> points, String title, boolean lessIsBetter, double bytesPerUnit, int width, int height) {
        Svg svg = new Svg(width, height, title + " and divergence from the source of " + points.size() + " types");
        double leastX = points.stream()
                .mapToDouble(p -> p.x().value() - p.x().error())
                .min()
                .orElse(0);
        double mostX = points.stream()
                .mapToDouble(p -> p.x().value() + p.x().error())
                .max()
                .orElse(1);
        double margin = Math.max(0.08 * (mostX - leastX), 0.02 * mostX);
        Axis horizontal = new Axis(Math.max(0, leastX - margin), mostX + margin, false, LEFT, width - RIGHT);
        double leastY = points.stream()
                .filter(Point::shown)
                .mapToDouble(p -> p.y().value())
                .min()
                .orElse(LEAST_KL);
        double mostY = points.stream().mapToDouble(p -> p.y().value()).max().orElse(leastY);
        Axis vertical = new Axis(leastY / 2.5, Math.max(mostY, leastY * 2) * 2, true, height - BOTTOM, TOP);
        ScatterPlot plot = new ScatterPlot(svg, horizontal, vertical);
        plot.axes(title, bytesPerUnit, width, height);
        plot.line(pareto(points, lessIsBetter));
        plot.points(points, pareto(points, lessIsBetter));
        return svg;
    }

    /**
     * Returns the types that no other type beats both horizontally and in divergence, from the best horizontally to the
     * closest.
     */
    static List<Point> pareto(List<Point> points, boolean lessIsBetter) {
        List<Point> line = new ArrayList<>();
        Comparator<Point> across = Comparator.comparingDouble(p -> lessIsBetter ? p.x().value() : -p.x().value());
        double least = Double.POSITIVE_INFINITY;
        for (Point point : points.stream()
                .sorted(across.thenComparingDouble(p -> p.y().value()))
                .toList()) {
            if (point.y().value() < least) {
                least = point.y().value();
                line.add(point);
            }
        }
        return line;
    }

    private void axes(String title, double bytesPerUnit, int width, int height) {
        for (double tick : horizontal.ticks(width / 75)) {
            double x = horizontal.at(tick);
            svg.line("grid", x, TOP, x, height - BOTTOM);
            svg.text("tick", x, height - BOTTOM + 16, "middle", Axis.text(tick));
        }
        for (double tick : vertical.ticks(height / 40)) {
            double y = vertical.at(tick);
            svg.line("grid", LEFT, y, width - RIGHT, y);
            svg.text("tick", LEFT - 6, y + 4, "end", Axis.text(tick));
        }
        svg.text("title", (LEFT + width - RIGHT) / 2, height - 8, "middle", title);
        svg.text("title", 4, 12, "start", "KL divergence, nats");
        if (bytesPerUnit > 0) {
            boolean large = horizontal.most() * bytesPerUnit >= 1e9;
            double unit = bytesPerUnit / (large ? 1e9 : 1e6);
            Axis bytes = new Axis(
                    horizontal.least() * unit, horizontal.most() * unit, false, horizontal.from(), horizontal.to());
            for (double tick : bytes.ticks(width / 90)) {
                svg.line("mark", bytes.at(tick), TOP - 4, bytes.at(tick), TOP);
                svg.text("tick", bytes.at(tick), TOP - 8, "middle", Axis.text(tick));
            }
            svg.text("title", width - RIGHT, 12, "end", large ? "size, GB" : "size, MB");
        }
    }

    private void line(List<Point> line) {
        svg.path("pareto", line.stream().map(p -> new double[] {x(p), y(p)}).toList());
    }

    private void points(List<Point> points, List<Point> best) {
        Labels labels = new Labels(new Rectangle2D.Double(
                LEFT, TOP, horizontal.to() - horizontal.from(), vertical.from() - vertical.to()));
        for (Point point : points) {
            labels.keepFree(x(point), y(point));
            double up =
                    vertical.at(Math.clamp(point.y().value() + point.y().error(), vertical.least(), vertical.most()));
            double down =
                    vertical.at(Math.clamp(point.y().value() - point.y().error(), vertical.least(), vertical.most()));
            double left = horizontal.at(point.x().value() - point.x().error());
            double right = horizontal.at(point.x().value() + point.x().error());
            if (point.shown() && down - up > 1) {
                svg.line("error", x(point), up, x(point), down);
                labels.keepFree(new Rectangle2D.Double(x(point) - 2, up, 4, down - up));
            }
            if (right - left > 1) {
                svg.line("error", left, y(point), right, y(point));
                labels.keepFree(new Rectangle2D.Double(left, y(point) - 2, right - left, 4));
            }
        }
        for (Point point : crowdedFirst(points)) {
            String name = point.shown() ? point.name() : point.name() + " (below)";
            labels.place(x(point), y(point), name)
                    .ifPresentOrElse(place -> name(place, name), () -> withoutPlace.add(name));
        }
        for (Point point : points) {
            String css = best.contains(point) ? "best" : "other";
            String value = point.shown() ? Axis.text(point.y().value()) : "below " + Axis.text(LEAST_KL);
            svg.point(css, x(point), y(point), !point.shown(), point.name() + ": " + value);
        }
        if (!withoutPlace.isEmpty()) {
            svg.note("Without room for their names: " + String.join(", ", withoutPlace));
        }
    }

    /** Sorts points by the number of others near them, the most first, because their names need what room there is. */
    private List<Point> crowdedFirst(List<Point> points) {
        return points.stream()
                .sorted(Comparator.comparingLong(point -> -points.stream()
                        .filter(other -> Math.hypot(x(other) - x(point), y(other) - y(point)) < NEAR)
                        .count()))
                .toList();
    }

    private void name(Labels.Place place, String name) {
        if (place.leader() != null) {
            svg.line(
                    "leader",
                    place.leader().getX1(),
                    place.leader().getY1(),
                    place.leader().getX2(),
                    place.leader().getY2());
        }
        svg.text("name", place.box().getCenterX(), place.box().getMaxY() - 3, "middle", name);
    }

    private double x(Point point) {
        return horizontal.at(point.x().value());
    }

    /** Marks a divergence below the axis at its end. */
    private double y(Point point) {
        return point.shown() ? vertical.at(point.y().value()) : vertical.from() - 5;
    }
}
