package dev.skald.kernels.product;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.KernelKind;
import dev.skald.kernels.Samples;
import dev.skald.kernels.WorkerTeam;
import dev.skald.kernels.format.QuantFormat;
import dev.skald.kernels.format.QuantFormats;
import dev.skald.kernels.platform.Kernels;
import dev.skald.kernels.product.MatMul.Product;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Compares products in half precision with sums in double precision, whether C2 has vectorized them or not. */
@EnabledIf(value = "vectorsAreWideEnough", disabledReason = "needs vectors of 512 bits")
class HalfPanelsTest {
    /** What rounding to 11 bits changes at most, and to a multiple of 2^-24. */
    private static final double UNIT = 0x1p-11;

    private static final double STEP = 0x1p-25;

    static boolean vectorsAreWideEnough() {
        return Kernels.BEST.packs() && HalfTile.FITS;
    }

    /** Every format; then a row, columns and tokens left over, several panels, and rows that fill no group. */
    static Stream<Arguments> shapes() {
        QuantFormat q8 = QuantFormats.of(GgmlType.Q8_0);
        return Stream.concat(
                QuantFormats.all().stream().map(format -> Arguments.of(format, 512, 512, 64)),
                Stream.of(
                        Arguments.of(q8, 561, 288, 66),
                        Arguments.of(q8, 2064, 64, 67),
                        Arguments.of(QuantFormats.of(GgmlType.F32), 1023, 100, 65)));
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void sumsAreAsCloseAsTheirRoundingsAllow(QuantFormat format, int rows, int columns, int n) {
        float[] x = Samples.normal(n * columns, 2);
        // A token whose largest activation stands far above the others.
        x[columns + 3] = 500;
        float[] y = product(format, rows, columns, x, n, 2);
        QuantMatrix matrix = Samples.matrix(format, rows, columns, 17);
        float[] weights = new float[rows * columns];
        float largest = 0;
        for (int r = 0; r < rows; r++) {
            matrix.decodeRow(r, weights, r * columns);
        }
        for (float weight : weights) {
            largest = Math.max(largest, Math.abs(weight));
        }
        for (int t = 0; t < n; t++) {
            for (int r = 0; r < rows; r++) {
                check(weights, r * columns, largest, x, t * columns, columns, y[t * rows + r], r, t);
            }
        }
    }

    /** Each factor is rounded, and then each partial sum of 256 products, in this order. */
    private static void check(
            float[] w, int wo, float largest, float[] x, int xo, int columns, float y, int row, int token) {
        double exact = 0;
        double bound = 0;
        for (int from = 0; from < columns; from += HalfTile.COLUMNS) {
            int to = Math.min(columns, from + HalfTile.COLUMNS);
            double sum = 0;
            double peak = 0;
            double ofWeights = 0;
            double ofActivations = 0;
            for (int c = from; c < to; c++) {
                double product = (double) w[wo + c] * x[xo + c];
                sum += product;
                bound += UNIT * (2 * Math.abs(product) + Math.abs(sum));
                peak = Math.max(peak, Math.abs(x[xo + c]));
                ofWeights += Math.abs(w[wo + c]);
                ofActivations += Math.abs(x[xo + c]);
            }
            bound += STEP
                    * (peak / (HalfTile.LARGEST_ACTIVATION / 2) * ofWeights
                            + 2 * largest / (HalfTile.LARGEST_WEIGHT / 2) * ofActivations);
            exact += sum;
        }
        // Roundings add up: a partial sum already differs from the exact one.
        assertTrue(
                Math.abs(y - exact) <= bound * (1 + 256 * UNIT),
                "row " + row + " token " + token + ": " + y + " instead of " + exact + ", off by more than " + bound);
    }

    @Test
    void theTeamChangesNoBit() {
        QuantFormat format = QuantFormats.of(GgmlType.Q4_0);
        float[] x = Samples.normal(200 * 320, 2);
        float[] alone = product(format, 600, 320, x, 200, 1);
        assertArrayEquals(alone, product(format, 600, 320, x, 200, 2));
        assertArrayEquals(alone, product(format, 600, 320, x, 200, 3));
    }

    @Test
    void eachTokenGivesTheSameInAnyPieceOfAPrompt() {
        QuantFormat format = QuantFormats.of(GgmlType.Q4_0);
        float[] x = Samples.normal(140 * 320, 2);
        float[] whole = product(format, 600, 320, x, 140, 2);
        for (int t = 0, n = 3; t < 140; t += n, n = Math.min(9 * n, 140 - t)) {
            float[] piece = Arrays.copyOfRange(x, t * 320, (t + n) * 320);
            assertArrayEquals(
                    Arrays.copyOfRange(whole, t * 600, (t + n) * 600), product(format, 600, 320, piece, n, 2));
        }
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY})
    void aDamagedActivationDamagesItsTokenAndNoOther(float damage) {
        QuantFormat format = QuantFormats.of(GgmlType.Q4_0);
        float[] x = Samples.normal(66 * 320, 2);
        float[] sound = product(format, 600, 320, x, 66, 2);
        x[5 * 320 + 17] = damage;
        float[] y = product(format, 600, 320, x, 66, 2);
        for (int i = 0; i < y.length; i++) {
            assertEquals(i / 600 == 5 ? Float.NaN : sound[i], y[i], "row " + i % 600 + " of token " + i / 600);
        }
    }

    private static float[] product(QuantFormat format, int rows, int columns, float[] x, int n, int threads) {
        try (Arena arena = Arena.ofShared();
                WorkerTeam team = new WorkerTeam(threads)) {
            QuantMatrix matrix = Samples.matrix(format, rows, columns, 17)
                    .pack(KernelKind.VECTOR_API, Samples.blocks(format, rows, columns, 17), arena, team);
            float[] y = new float[n * rows];
            MatMul matMul = new MatMul(team);
            matMul.forceHalfPrecision();
            matMul.multiply(x, n, 0, new Product(matrix, y));
            return y;
        }
    }
}
