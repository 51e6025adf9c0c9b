package dev.skald.kernels.encode;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** The encoders of this JVM write the same bits as plain Java. */
class SearchTest {
    private static final float[] VALUES = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};

    /** Weights on a coarse grid have ties, zeros and stripes of one value; exponents from e on make them tiny or large. */
    private static float[] weights(int n, long seed, int grid, int e) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] x = new float[n];
        for (int i = 0; i < n; i++) {
            double v = random.nextGaussian();
            x[i] = (float) Math.scalb(grid > 0 ? Math.rint(v * grid) / grid : v, e);
        }
        return x;
    }

    private static Stripes stripes(ScaleSearch search, int way, int size, float[] x, float[] importance) {
        Stripes g = new Stripes();
        g.load(size, x, 0, importance, 0, x.length);
        Arrays.fill(g.sigma, 0.3f);
        switch (way % 5) {
            case 0 -> search.weighBySquare(g);
            case 1 -> search.weighByMagnitude(g, false);
            case 2 -> search.weighByMagnitude(g, true);
            case 3 -> search.weighByImportance(g);
            default -> search.weighByImportanceAndSize(g);
        }
        switch (way / 5) {
            case 0 -> search.symmetric(g, 8);
            case 1 -> search.descent(g, 4);
            case 2 -> search.affine(g, 15, -0.9f, 0.05f, 36, false);
            case 3 -> search.affine(g, 3, -0.5f, 0.1f, 15, true);
            default -> search.table(g, VALUES, 7);
        }
        return g;
    }

    @Property(tries = 200)
    void searchesHaveTheSameBits(
            @ForAll long seed,
            @ForAll @IntRange(max = 24) int way,
            @ForAll @IntRange(max = 3) int grid,
            @ForAll @IntRange(min = -30, max = 20) int exponent,
            @ForAll boolean wide) {
        int size = wide ? 32 : 16;
        int used = size * (1 + (int) Math.floorMod(seed, 16L));
        float[] x = weights(used, seed, grid, exponent);
        float[] importance = weights(used, seed + 1, 1, 0);
        for (int i = 0; i < used; i++) {
            importance[i] = Math.abs(importance[i]);
        }
        Stripes plain = stripes(new ScalarSearch(), way, size, x, importance);
        Stripes vector = stripes(ScaleSearch.BEST, way, size, x, importance);
        assertArrayEquals(bits(plain.w), bits(vector.w), "weights");
        assertArrayEquals(bits(plain.scale), bits(vector.scale), "scales");
        if (way / 5 == 2 || way / 5 == 3) {
            assertArrayEquals(bits(plain.min), bits(vector.min), "minima");
            assertArrayEquals(bits(plain.inverse), bits(vector.inverse), "inverses");
            assertArrayEquals(bits(plain.offset), bits(vector.offset), "offsets");
        }
        for (int g = 0; g < Stripes.LANES && way / 5 < 2; g++) {
            if (plain.scale[g] != 0) {
                plain.found(g, 8, 0);
                vector.found(g, 8, 0);
                assertArrayEquals(plain.codes, vector.codes, "codes of stripe " + g);
            }
        }
    }

    @Property(tries = 100)
    void loopsHaveTheSameBits(
            @ForAll long seed, @ForAll @IntRange(max = 3) int grid, @ForAll @IntRange(min = 1, max = 16) int sixteens) {
        EncodeKernels plain = new ScalarEncode();
        EncodeKernels vector = EncodeKernels.BEST;
        int n = 16 * sixteens;
        float[] x = weights(n + 3, seed, grid, 0);
        assertEquals(bits(plain.extreme(x, 3, n)), bits(vector.extreme(x, 3, n)), "extreme");
        assertEquals(bits(plain.least(x, 3, n)), bits(vector.least(x, 3, n)), "least");
        assertEquals(bits(plain.most(x, 3, n)), bits(vector.most(x, 3, n)), "most");
        assertEquals(bits(plain.squares(x, 3, n)), bits(vector.squares(x, 3, n)), "squares");
        float[] borders = ScaleSearch.borders(VALUES);
        float least = plain.least(x, 3, n);
        for (int k = 0; k < 6; k++) {
            int[][] codes = new int[2][n + 5];
            for (int p = 0; p < 2; p++) {
                EncodeKernels kernels = p == 0 ? plain : vector;
                switch (k) {
                    case 0 -> kernels.divide(x, 3, n, 0.2f, 0.21f, -4, 3, codes[p], 5);
                    case 1 -> kernels.multiply(x, 3, n, 0.2f, 5, 0, 15, codes[p], 5);
                    case 2 -> kernels.truncate(x, 3, n, least, 2.5f, 0.5f, 15, codes[p], 5);
                    case 3 -> kernels.roundAway(x, 3, n, 4.5f, codes[p], 5);
                    case 4 -> kernels.reach(x, 3, n, 50, borders, codes[p], 5);
                    default -> kernels.reachBySize(x, 3, n, 0.5f, new float[] {.5f, 1, 2, 3, 4, 5, 6}, codes[p], 5);
                }
            }
            assertArrayEquals(codes[0], codes[1], "loop " + k);
        }
    }

    private static int bits(float v) {
        return Float.floatToRawIntBits(v);
    }

    private static int[] bits(float[] x) {
        int[] bits = new int[x.length];
        for (int i = 0; i < x.length; i++) {
            bits[i] = bits(x[i]);
        }
        return bits;
    }
}
