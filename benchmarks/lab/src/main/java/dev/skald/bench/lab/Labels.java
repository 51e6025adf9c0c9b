package dev.skald.bench.lab;

import java.awt.geom.Line2D;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Places the names of points so that they cover neither each other nor a point. If there is no room beside its point, a name is
 * further away, with a line to the point; if there is no room at all, it is left out.
 */
final class Labels {
    /** The width of a character in the widest usual font at 12 pixels. */
    static final double LETTER = 7.6;

    static final double LINE = 14;

    private static final double POINT = 5;
    private static final int[] DISTANCES = {2, 10, 20, 32, 45, 60, 78, 98, 120, 145, 175, 210};
    private static final int DIRECTIONS = 36;

    /** A name that is left out costs more than any distance. */
    private static final double LEFT_OUT = 10_000;

    /** At so many distances a name is kept off the lines to avoid; rather than be further away, it may cover one. */
    private static final int BESIDE_LINES = 4;

    private static final double NEAR = 60;

    /** Each order leaves other room; the best of so many is taken. */
    private static final int ORDERS = 40;

    private final Rectangle2D frame;
    private final List<Line2D> avoided = new ArrayList<>();

    /**
     * A name to place.
     *
     * @param x where its point is
     * @param y where its point is
     * @param text the name
     */
    record Name(double x, double y, String text) {}

    /**
     * The place of a name.
     *
     * @param box the area that it covers
     * @param leader a line from the point to the name; null if they touch
     */
    record Place(Rectangle2D box, Line2D leader) {}

    /** Creates names within a frame. */
    Labels(Rectangle2D frame) {
        this.frame = frame;
    }

    /** Keeps a line free of names where that does not move them far; to be called before names are placed. */
    void avoid(Line2D line) {
        avoided.add(line);
    }

    /** Returns the places of the names, without those for which there is no room. The points are kept free. */
    Map<Name, Place> placeAll(List<Name> names) {
        List<Name> order = new ArrayList<>(names);
        // The names of points with the most others near them need what room there is.
        order.sort(Comparator.comparingLong(name -> -names.stream()
                .filter(other -> Math.hypot(other.x - name.x, other.y - name.y) < NEAR)
                .count()));
        Random random = new Random(1);
        Attempt best = new Attempt(names, order);
        for (int i = 1; i < ORDERS && best.cost > 0; i++) {
            Collections.shuffle(order, random);
            Attempt attempt = new Attempt(names, order);
            best = attempt.cost < best.cost ? attempt : best;
        }
        return best.places;
    }

    /** The names placed in one order. */
    private final class Attempt {
        final Map<Name, Place> places = new LinkedHashMap<>();
        final List<Rectangle2D> taken = new ArrayList<>();
        final List<Line2D> leaders = new ArrayList<>();
        double cost;

        Attempt(List<Name> points, List<Name> order) {
            for (Name point : points) {
                taken.add(new Rectangle2D.Double(point.x - POINT, point.y - POINT, 2 * POINT, 2 * POINT));
            }
            order.forEach(this::place);
        }

        private void place(Name name) {
            for (int reach : new int[] {BESIDE_LINES, DISTANCES.length}) {
                for (int i = 0; i < reach; i++) {
                    if (tryAt(name, DISTANCES[i], reach > BESIDE_LINES)) {
                        return;
                    }
                }
            }
            cost += LEFT_OUT;
        }

        private boolean tryAt(Name name, int distance, boolean overLines) {
            double width = LETTER * name.text.length() + 2;
            for (int i = 0; i < DIRECTIONS; i++) {
                double angle = 2 * Math.PI * i / DIRECTIONS;
                double centerX = name.x + Math.cos(angle) * (POINT + distance + width / 2);
                double centerY = name.y + Math.sin(angle) * (POINT + distance + LINE / 2);
                Rectangle2D box = new Rectangle2D.Double(centerX - width / 2, centerY - LINE / 2, width, LINE);
                if (!overLines && avoided.stream().anyMatch(line -> line.intersects(box))) {
                    continue;
                }
                Place place = free(name.x, name.y, box, distance);
                if (place != null) {
                    places.put(name, place);
                    taken.add(place.box());
                    if (place.leader() != null) {
                        leaders.add(place.leader());
                        cost += distance;
                    }
                    return true;
                }
            }
            return false;
        }

        private Place free(double x, double y, Rectangle2D box, int distance) {
            if (!frame.contains(box)
                    || taken.stream().anyMatch(box::intersects)
                    || leaders.stream().anyMatch(line -> line.intersects(box))) {
                return null;
            }
            if (distance == DISTANCES[0]) {
                return new Place(box, null);
            }
            Line2D leader = new Line2D.Double(
                    x, y, Math.clamp(x, box.getMinX(), box.getMaxX()), Math.clamp(y, box.getMinY(), box.getMaxY()));
            boolean crosses = leaders.stream().anyMatch(leader::intersectsLine)
                    || taken.stream().anyMatch(other -> !other.contains(x, y) && leader.intersects(other));
            return crosses ? null : new Place(box, leader);
        }
    }
}
