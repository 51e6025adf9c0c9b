package dev.skald.kernels.product;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Tests the half-precision tile once in a JVM: whether C2 has vectorized it, which depends on JVM flags and the
 * processor, and whether its results are correct.
 */
final class HalfTrial {
    private static final int COLUMNS = HalfTile.COLUMNS;

    /**
     * The vectorized tile is about 1.8 times as fast as float32, and the scalar one 20 times slower. Nothing lies
     * between.
     */
    private static final double GAIN = 1.2;

    /** A rate, in operations per second, that only vectors reach. The trial waits for the compiler until then. */
    private static final double VECTOR_OPERATIONS = 3e10;

    private static final long LIMIT_NANOS = 5_000_000_000L;

    /** The number of timed runs after that. */
    private static final int RUNS = 200;

    private final short[] panel = HalfTile.panel();
    private final short[] x = new short[COLUMNS * HalfTile.TOKENS];
    private final char[] sums = HalfTile.sums();
    private final float[] decoded = new float[COLUMNS * HalfTile.PAIR];
    private final float[] floats = new float[COLUMNS * Math.max(Tile.TOKENS, Tile.WIDTH)];
    private final float[] results = new float[Tile.TOKENS * Tile.WIDTH];

    private HalfTrial() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < decoded.length; i++) {
            decoded[i] = (float) random.nextDouble(-1, 1);
        }
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) random.nextDouble(-1, 1);
        }
        for (int i = 0; i < x.length; i++) {
            x[i] = Float.floatToFloat16(floats[i]);
        }
        for (int row = 0; row < HalfTile.ROWS; row += HalfTile.PAIR) {
            HalfTile.round(decoded, COLUMNS, 1, panel, row);
        }
    }

    private static final class Result {
        private static final boolean PASSED = HalfTile.FITS && new HalfTrial().pays();
    }

    /** Returns whether the tile has passed. The first call takes some tenths of a second; the answer never changes. */
    static boolean passed() {
        return Result.PASSED;
    }

    private boolean pays() {
        double single = fastest(this::multiplyFloats, Tile.WIDTH * Tile.TOKENS);
        double half = fastest(this::multiply, HalfTile.ROWS * HalfTile.TOKENS);
        return half < single / GAIN && right();
    }

    /** Returns the seconds for a column of one product, once the JVM has compiled the work. */
    private static double fastest(Runnable work, int products) {
        double enough = 2.0 * products * COLUMNS / VECTOR_OPERATIONS;
        long start = System.nanoTime();
        double best = Double.MAX_VALUE;
        int runs = 0;
        for (long now = start; runs < RUNS && now - start < LIMIT_NANOS; ) {
            long before = now;
            work.run();
            now = System.nanoTime();
            best = Math.min(best, (now - before) * 1e-9);
            runs = best < enough ? runs + 1 : 0;
        }
        return best / products;
    }

    private void multiply() {
        HalfTile.multiply(panel, COLUMNS, x, 0, sums);
    }

    private void multiplyFloats() {
        Tile.multiply(Tile.TOKENS, floats, 0, floats, 0, COLUMNS, results, 0);
    }

    /** Returns whether all sums are as exact as the rounding of their terms allows. */
    private boolean right() {
        Arrays.fill(sums, (char) 0);
        multiply();
        float[] ones = new float[HalfTile.ROWS / HalfTile.PAIR + 1];
        Arrays.fill(ones, 1);
        boolean right = true;
        for (int t = 0; t < HalfTile.TOKENS; t++) {
            float[] y = new float[HalfTile.ROWS];
            HalfTile.add(sums, t, HalfTile.ROWS, ones, 1, y, 0);
            for (int row = 0; row < HalfTile.ROWS; row++) {
                double exact = 0;
                double magnitude = 0;
                for (int k = 0; k < COLUMNS; k++) {
                    double product = decoded[k * HalfTile.PAIR + row % HalfTile.PAIR]
                            * Float.float16ToFloat(x[k * HalfTile.TOKENS + t]);
                    exact += product;
                    magnitude += Math.abs(product);
                }
                right &= Math.abs(y[row] - exact) <= magnitude * (COLUMNS + 1) * 0x1p-11;
            }
        }
        return right;
    }
}
