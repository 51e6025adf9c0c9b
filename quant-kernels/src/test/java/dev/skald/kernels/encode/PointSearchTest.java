package dev.skald.kernels.encode;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Compares the search of this JVM and the one in plain Java with a walk through all points in double precision. */
class PointSearchTest {
    private static final int LANES = PointStripes.LANES;

    @ParameterizedTest
    @CsvSource({"8, 3, 1", "8, 3, 300", "8, 3, 2048", "4, 8, 1", "4, 8, 256", "4, 8, 512"})
    void findsTheNearestPoint(int columns, int digits, int count) {
        SplittableRandom random = new SplittableRandom(count);
        int[] numbers = random.ints(0, (int) Math.pow(digits, columns))
                .distinct()
                .limit(count)
                .sorted()
                .toArray();
        Points points = new Points(columns, digits, numbers);
        float[] values = new float[digits];
        for (int k = 0; k < digits; k++) {
            values[k] = 2.125f * k - 1;
        }
        float[] x = new float[columns * LANES];
        float[] w = new float[x.length];
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) random.nextGaussian();
            w[i] = i % 7 == 0 ? 0 : random.nextFloat();
        }
        PointStripes best = search(PointSearch.BEST, points, values, x, w);
        PointStripes plain = search(new ScalarPoints(), points, values, x, w);
        assertArrayEquals(plain.point, best.point);
        assertArrayEquals(plain.error, best.error);
        assertArrayEquals(plain.products, best.products);
        assertArrayEquals(plain.squares, best.squares);
        for (int g = 0; g < LANES; g++) {
            double least = Double.MAX_VALUE;
            for (int number : numbers) {
                least = Math.min(least, error(number, columns, values, best.scale[g], x, w, g)[0]);
            }
            double[] found = error(numbers[best.point[g]], columns, values, best.scale[g], x, w, g);
            assertEquals(least, found[0], 1e-5, "stripe " + g);
            assertEquals(found[0], best.error[g], 1e-5, "stripe " + g);
            assertEquals(found[1], best.products[g], 1e-5, "stripe " + g);
            assertEquals(found[2], best.squares[g], 1e-4, "stripe " + g);
        }
        rounds(best, plain, values, columns);
    }

    /** Rounding is the search in which every number is a point. */
    private static void rounds(PointStripes best, PointStripes plain, float[] values, int columns) {
        int[] all = new int[(int) Math.pow(values.length, columns)];
        for (int i = 0; i < all.length; i++) {
            all[i] = i;
        }
        PointStripes free = new PointStripes(new Points(columns, values.length, all));
        System.arraycopy(best.x, 0, free.x, 0, free.x.length);
        System.arraycopy(best.w, 0, free.w, 0, free.w.length);
        System.arraycopy(best.scale, 0, free.scale, 0, LANES);
        PointSearch.BEST.prepare(free, values);
        PointSearch.BEST.nearest(free);
        PointSearch.BEST.round(best, values);
        new ScalarPoints().round(plain, values);
        assertArrayEquals(plain.error, best.error);
        assertArrayEquals(plain.products, best.products);
        assertArrayEquals(plain.squares, best.squares);
        assertArrayEquals(free.error, best.error, 1e-5f);
    }

    private static PointStripes search(PointSearch search, Points points, float[] values, float[] x, float[] w) {
        PointStripes g = new PointStripes(points);
        g.load(x, w, 0);
        for (int lane = 0; lane < LANES; lane++) {
            g.scale[lane] = 0.1f + 0.03f * lane;
        }
        search.prepare(g, values);
        search.nearest(g);
        return g;
    }

    /** Returns the error minus that of zeros, the products and the squares of a point for stripe g. */
    private static double[] error(int number, int columns, float[] values, double scale, float[] x, float[] w, int g) {
        double[] sums = new double[3];
        for (int j = 0; j < columns; j++) {
            double v = values[number % values.length];
            number /= values.length;
            double xi = x[g * columns + j];
            double wi = w[g * columns + j];
            sums[0] += wi * ((xi - scale * v) * (xi - scale * v) - xi * xi);
            sums[1] += wi * xi * v;
            sums[2] += wi * v * v;
        }
        return sums;
    }
}
