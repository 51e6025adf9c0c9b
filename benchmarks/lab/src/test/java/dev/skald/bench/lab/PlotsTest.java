package dev.skald.bench.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.bench.lab.ScatterPlot.Point;
import dev.skald.runtime.measure.Estimate;
import java.awt.geom.Line2D;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PlotsTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
    void namesCoverNeitherEachOtherNorAPointAndPointToTheirOwn(int seed) {
        Random random = new Random(seed);
        Rectangle2D frame = new Rectangle2D.Double(50, 20, 300, 400);
        double[][] points = new double[27][];
        List<Labels.Name> names = new ArrayList<>();
        for (int i = 0; i < points.length; i++) {
            points[i] = new double[] {60 + 280 * random.nextDouble(), 30 + 380 * random.nextDouble()};
            names.add(new Labels.Name(points[i][0], points[i][1], "IQ3_XXS"));
        }
        Map<Labels.Name, Labels.Place> places = new Labels(frame).placeAll(names);
        List<Rectangle2D> boxes = new ArrayList<>();
        for (int i = 0; i < points.length; i++) {
            double x = points[i][0];
            double y = points[i][1];
            Optional.ofNullable(places.get(names.get(i))).ifPresent(place -> {
                assertTrue(frame.contains(place.box()));
                assertTrue(boxes.stream().noneMatch(place.box()::intersects), "two names overlap");
                for (double[] point : points) {
                    assertFalse(place.box().contains(point[0], point[1]), "a name covers a point");
                }
                if (place.leader() == null) {
                    Rectangle2D near = place.box();
                    assertTrue(new Rectangle2D.Double(
                                    near.getX() - 12, near.getY() - 12, near.getWidth() + 24, near.getHeight() + 24)
                            .contains(x, y));
                } else {
                    assertEquals(x, place.leader().getX1());
                    assertEquals(y, place.leader().getY1());
                    assertTrue(boxes.stream().noneMatch(place.leader()::intersects), "a line crosses a name");
                }
                boxes.add(place.box());
            });
        }
        assertTrue(boxes.size() >= 26, boxes.size() + " names have a place");
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "12.5, 12.5", "100000, 100000", "0.0001, 0.0001", "0.00005, 5e-5", "2.5e-7, 2.5e-7"})
    void smallTicksAreShort(double tick, String text) {
        assertEquals(text, Axis.text(tick));
    }

    /** C is larger than B and further away; A and D are each the best at something. */
    @Test
    void theLineHasTheTypesThatNoOtherBeatsInBoth() {
        List<Point> points =
                List.of(point("A", 8, 0.001), point("B", 5, 0.02), point("C", 6, 0.03), point("D", 3, 0.5));
        assertEquals(
                List.of("D", "B", "A"),
                ScatterPlot.pareto(points, true).stream().map(Point::name).toList());
        assertEquals(
                List.of("A"),
                ScatterPlot.pareto(points, false).stream().map(Point::name).toList());
    }

    /** B is faster than A, but not beyond the noise, and loses more; C is faster beyond it. */
    @Test
    void noiseBringsNoTypeOntoTheLine() {
        List<Point> points = List.of(
                new Point("A", new Estimate(100, 10), new Estimate(0.01, 0.001)),
                new Point("B", new Estimate(120, 10), new Estimate(0.02, 0.001)),
                new Point("C", new Estimate(200, 10), new Estimate(0.05, 0.001)),
                new Point("D", new Estimate(195, 10), new Estimate(0.0502, 0.001)));
        assertEquals(
                List.of("C", "D", "A"),
                ScatterPlot.pareto(points, false).stream().map(Point::name).toList());
    }

    /** The line goes from corner to corner, through the places beside the points that come first. */
    @Test
    void namesStayOffTheLineWhereTheyCan() {
        Labels labels = new Labels(new Rectangle2D.Double(0, 0, 400, 400));
        Line2D line = new Line2D.Double(0, 200, 400, 200);
        labels.avoid(line);
        List<Labels.Name> names = List.of(
                new Labels.Name(50, 200, "Q4_K"), new Labels.Name(150, 200, "Q5_K"), new Labels.Name(250, 200, "Q6_K"));
        Map<Labels.Name, Labels.Place> places = labels.placeAll(names);
        assertEquals(3, places.size());
        places.values().forEach(place -> assertFalse(line.intersects(place.box()), place.toString()));
    }

    @Test
    void whatTheAxisDoesNotHaveIsMarkedAndMovesNothing() {
        List<Point> shown = List.of(point("A", 8, 0.001), point("B", 5, 0.02));
        List<Point> all = new ArrayList<>(shown);
        all.add(point("C", 6, -1e-7));
        String with = ScatterPlot.draw(all, "x", true, 0, 600, 400).toString();
        assertTrue(with.contains("<path class") && with.contains("C (below)"), with);
        for (String tick : List.of(">0.001<", ">0.01<")) {
            assertTrue(with.contains(tick), with);
        }
        assertFalse(ScatterPlot.draw(shown, "x", true, 0, 600, 400).toString().contains("<path class"));
    }

    @Test
    void errorsAreBarsInBothDirections() {
        Point point = new Point("A", new Estimate(10, 1), new Estimate(0.1, 0.02));
        String svg = ScatterPlot.draw(List.of(point, point("B", 20, 0.5)), "x", false, 0, 600, 400)
                .toString();
        assertEquals(2, svg.split("<line class=\"error\"", -1).length - 1);
    }

    /** The speeds of these types vary by more than they are. */
    @Test
    void barsEndWithTheAxis() {
        Point wild = new Point("A", new Estimate(10, 50), new Estimate(0.1, 0.5));
        String svg = ScatterPlot.draw(List.of(wild, point("B", 20, 0.2)), "x", false, 0, 600, 400)
                .toString();
        // The frame is from 58 to 586 and from 40 to 354.
        assertTrue(svg.contains("<line class=\"error\" x1=\"58.0\" "), svg);
        Matcher bar = Pattern.compile("<line class=\"error\" x1=\"(\\S+)\" y1=\"(\\S+)\" x2=\"(\\S+)\" y2=\"(\\S+)\"")
                .matcher(svg);
        int bars = 0;
        while (bar.find()) {
            bars++;
            for (int i = 1; i <= 4; i++) {
                double at = Double.parseDouble(bar.group(i));
                assertTrue(i % 2 == 1 ? at >= 58 && at <= 586 : at >= 40 && at <= 354, bar.group());
            }
        }
        assertEquals(2, bars);
    }

    @Test
    void ticksAreRoundAndFew() {
        assertEquals(List.of(2.0, 4.0, 6.0, 8.0), new Axis(1, 9, false, 0, 1).ticks(5));
        assertEquals(
                List.of(0.01, 0.02, 0.05, 0.1),
                new Axis(0.009, 0.15, true, 0, 1)
                        .ticks(8).stream()
                                .map(tick -> Double.valueOf(Axis.text(tick)))
                                .toList());
        assertEquals(200, new Axis(0.01, 1, true, 300, 100).at(0.1), 1e-9);
    }

    /** Three ends at the same height, at the bottom. */
    @Test
    void namesOfLinesHaveALineEach() {
        Map<String, Double> ends = new LinkedHashMap<>();
        ends.put("a", 99.0);
        ends.put("b", 99.0);
        ends.put("c", 99.0);
        ends.put("d", 10.0);
        assertEquals(Map.of("a", 72.0, "b", 86.0, "c", 100.0, "d", 10.0), LayerPlot.spread(ends, 0, 100));
    }

    private static Point point(String name, double x, double y) {
        return new Point(name, new Estimate(x, 0), new Estimate(y, 0));
    }
}
