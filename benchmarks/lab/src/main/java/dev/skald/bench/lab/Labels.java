package dev.skald.bench.lab;

import java.awt.geom.Line2D;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

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

    private final Rectangle2D frame;
    private final List<Rectangle2D> taken = new ArrayList<>();
    private final List<Line2D> leaders = new ArrayList<>();

    /**
     * The place of a name.
     *
     * @param box the area that it covers
     * @param leader a line from the point to the name; null if they touch
     */
    record Place(Rectangle2D box, Line2D leader) {}

    /** Creates names within a frame; all points must be known before. */
    Labels(Rectangle2D frame) {
        this.frame = frame;
    }

    void keepFree(double x, double y) {
        taken.add(new Rectangle2D.Double(x - POINT, y - POINT, 2 * POINT, 2 * POINT));
    }

    void keepFree(Rectangle2D box) {
        taken.add(box);
    }

    Optional<Place> place(double x, double y, String name) {
        double width = LETTER * name.length() + 2;
        for (int distance : DISTANCES) {
            for (int i = 0; i < DIRECTIONS; i++) {
                double angle = 2 * Math.PI * i / DIRECTIONS;
                double dx = Math.cos(angle);
                double dy = Math.sin(angle);
                double centerX = x + dx * (POINT + distance + width / 2);
                double centerY = y + dy * (POINT + distance + LINE / 2);
                Place place = free(
                        x, y, new Rectangle2D.Double(centerX - width / 2, centerY - LINE / 2, width, LINE), distance);
                if (place != null) {
                    taken.add(place.box());
                    if (place.leader() != null) {
                        leaders.add(place.leader());
                    }
                    return Optional.of(place);
                }
            }
        }
        return Optional.empty();
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
