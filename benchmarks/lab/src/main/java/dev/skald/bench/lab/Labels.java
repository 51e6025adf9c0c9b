package dev.skald.bench.lab;

import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Where the names of points stand, so that they cover neither each other nor a point: the first free place of above, below,
 * right and left. The horizontal axis is linear, the vertical one logarithmic.
 */
final class Labels {
    private static final int LETTER = 7;
    private static final int LINE = 14;
    private static final int GAP = 15;
    private static final int POINT = 12;

    /** What axes and their titles take of the picture. */
    private static final int AXES = 90;

    private final double leastX;
    private final double mostX;
    private final double leastY;
    private final double mostY;
    private final double[] xs;
    private final double[] ys;
    private final double scaleX;
    private final double scaleY;
    private final List<Rectangle2D> taken = new ArrayList<>();

    /** The middle of a name. */
    record Place(double x, double y) {}

    Labels(double[] xs, double[] ys, int width, int height) {
        this.xs = xs;
        this.ys = ys;
        double least = Arrays.stream(xs).min().orElse(0);
        double most = Arrays.stream(xs).max().orElse(1);
        double margin = Math.max(most * 0.02, 0.12 * (most - least));
        leastX = Math.max(0, least - margin);
        mostX = most + margin;
        leastY = Arrays.stream(ys).min().orElse(1) / 1.8;
        mostY = Arrays.stream(ys).max().orElse(1) * 1.8;
        scaleX = (width - AXES) / (mostX - leastX);
        scaleY = (height - AXES) / Math.log(mostY / leastY);
        for (int i = 0; i < xs.length; i++) {
            taken.add(around(pixelX(i), pixelY(i), POINT, POINT));
        }
    }

    double leastX() {
        return leastX;
    }

    double mostX() {
        return mostX;
    }

    double leastY() {
        return leastY;
    }

    double mostY() {
        return mostY;
    }

    Place place(int point, String name) {
        int width = LETTER * name.length() + 4;
        double beside = (width + POINT) / 2.0 + 3;
        double[][] offsets = {{0, -GAP}, {0, GAP}, {beside, 0}, {-beside, 0}, {beside, -GAP}, {-beside, GAP}};
        for (double[] offset : offsets) {
            double x = pixelX(point) + offset[0];
            double y = pixelY(point) + offset[1];
            Rectangle2D box = around(x, y, width, LINE);
            if (taken.stream().noneMatch(box::intersects)) {
                taken.add(box);
                return new Place(leastX + x / scaleX, mostY * Math.exp(-y / scaleY));
            }
        }
        return new Place(xs[point], mostY * Math.exp(-(pixelY(point) - GAP) / scaleY));
    }

    private double pixelX(int point) {
        return (xs[point] - leastX) * scaleX;
    }

    private double pixelY(int point) {
        return Math.log(mostY / ys[point]) * scaleY;
    }

    private static Rectangle2D around(double x, double y, double width, double height) {
        return new Rectangle2D.Double(x - width / 2, y - height / 2, width, height);
    }
}
