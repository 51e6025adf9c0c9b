package dev.skald.bench.lab;

import dev.skald.runtime.measure.Estimate;
import java.awt.geom.Line2D;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** Types as points: their loss, against their size or their speed. */
final class ScatterPlot {
    private static final double LEFT = 58;
    private static final double RIGHT = 14;
    private static final double TOP = 40;
    private static final double BOTTOM = 46;

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
            return y.value() > Noise.LEAST_KL;
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
                .orElse(Noise.LEAST_KL);
        double mostY = points.stream().mapToDouble(p -> p.y().value()).max().orElse(leastY);
        Axis vertical = new Axis(leastY / 2.5, Math.max(mostY, leastY * 2) * 2, true, height - BOTTOM, TOP);
        ScatterPlot plot = new ScatterPlot(svg, horizontal, vertical);
        plot.axes(title, bytesPerUnit, width, height);
        List<Point> best = pareto(points, lessIsBetter);
        plot.line(best);
        plot.points(points, best);
        return svg;
    }

    /**
     * Returns the types that no other type beats, from the best horizontally to the closest. A type beats another if it is
     * better horizontally or in divergence and not worse in the other; differences within the noise are none.
     */
    static List<Point> pareto(List<Point> points, boolean lessIsBetter) {
        return points.stream()
                .filter(point -> points.stream().noneMatch(other -> beats(other, point, lessIsBetter)))
                .sorted(Comparator.<Point>comparingDouble(p -> lessIsBetter ? p.x().value() : -p.x().value())
                        .thenComparingDouble(p -> p.y().value()))
                .toList();
    }

    private static boolean beats(Point one, Point other, boolean lessIsBetter) {
        boolean left = Noise.below(one.x(), other.x());
        boolean right = Noise.below(other.x(), one.x());
        return (lessIsBetter ? left : right)
                ? !Noise.below(other.y(), one.y())
                : !(lessIsBetter ? right : left) && Noise.below(one.y(), other.y());
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
        for (int i = 1; i < best.size(); i++) {
            labels.avoid(new Line2D.Double(x(best.get(i - 1)), y(best.get(i - 1)), x(best.get(i)), y(best.get(i))));
        }
        for (Point point : points) {
            error(labels, bar(horizontal, point.x(), y(point), false));
            if (point.shown()) {
                error(labels, bar(vertical, point.y(), x(point), true));
            }
        }
        List<Labels.Name> names = points.stream()
                .map(point ->
                        new Labels.Name(x(point), y(point), point.shown() ? point.name() : point.name() + " (below)"))
                .toList();
        Map<Labels.Name, Labels.Place> places = labels.placeAll(names);
        for (Labels.Name name : names) {
            Labels.Place place = places.get(name);
            if (place == null) {
                withoutPlace.add(name.text());
            } else {
                name(place, name.text());
            }
        }
        for (Point point : points) {
            String css = best.contains(point) ? "best" : "other";
            String value = point.shown() ? Axis.text(point.y().value()) : "below " + Axis.text(Noise.LEAST_KL);
            svg.point(css, x(point), y(point), !point.shown(), point.name() + ": " + value);
        }
        if (!withoutPlace.isEmpty()) {
            svg.note("Without room for their names: " + String.join(", ", withoutPlace));
        }
    }

    /** A line as long as an error, cut off at the ends of the axis. */
    private static Line2D bar(Axis axis, Estimate value, double other, boolean upright) {
        double from = axis.at(Math.clamp(value.value() - value.error(), axis.least(), axis.most()));
        double to = axis.at(Math.clamp(value.value() + value.error(), axis.least(), axis.most()));
        return upright ? new Line2D.Double(other, from, other, to) : new Line2D.Double(from, other, to, other);
    }

    private void error(Labels labels, Line2D bar) {
        if (bar.getP1().distance(bar.getP2()) > 1) {
            svg.line("error", bar.getX1(), bar.getY1(), bar.getX2(), bar.getY2());
            labels.avoid(bar);
        }
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
