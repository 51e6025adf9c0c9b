package dev.skald.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every format, awkward sizes, one to many tokens, against a float64 product of the decoded weights. */
class MatMulTest {
    static Stream<Arguments> cases() {
        return QuantFormats.all().stream()
                .flatMap(format -> Stream.of(1, 2, 3, 5, 8, 13, 33).map(n -> Arguments.of(format, n)));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void agreesWithFloat64(QuantFormat format, int n) {
        int columns = format.type().blockElements() * 3;
        for (int rows : new int[] {1, 37, 64}) {
            QuantMatrix w = Samples.matrix(format, rows, columns, 17);
            float[] x = Samples.normal(n * columns, 18);
            float[] y = new float[n * rows];
            try (WorkerTeam team = new WorkerTeam(2)) {
                new MatMul(team).multiply(x, n, new MatMul.Product(w, y));
            }
            assertClose(w, x, n, y);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void isTheSameToTheBitOnAnyNumberOfThreads(QuantFormat format, int n) {
        QuantMatrix w = Samples.matrix(format, 203, format.type().blockElements() * 2, 19);
        float[] x = Samples.normal(n * w.columns(), 20);
        float[] one = multiply(w, x, n, 1);
        for (int threads : new int[] {2, 3}) {
            assertArrayEquals(one, multiply(w, x, n, threads));
        }
    }

    @Test
    void severalMatricesInOneStep() {
        QuantFormat format = QuantFormats.all().get(0);
        List<QuantMatrix> ws = Stream.of(5, 64, 129)
                .map(rows -> Samples.matrix(format, rows, 96, rows))
                .toList();
        float[] x = Samples.normal(2 * 96, 21);
        float[][] ys = ws.stream().map(w -> new float[2 * w.rows()]).toArray(float[][]::new);
        try (WorkerTeam team = new WorkerTeam(2)) {
            new MatMul(team)
                    .multiply(
                            x,
                            2,
                            new MatMul.Product(ws.get(0), ys[0]),
                            new MatMul.Product(ws.get(1), ys[1]),
                            new MatMul.Product(ws.get(2), ys[2]));
        }
        for (int i = 0; i < 3; i++) {
            assertArrayEquals(multiply(ws.get(i), x, 2, 1), ys[i]);
        }
    }

    @Test
    void refusesWhatDoesNotFit() {
        QuantMatrix w = Samples.matrix(QuantFormats.all().get(0), 8, 32, 1);
        try (WorkerTeam team = new WorkerTeam(1)) {
            MatMul matMul = new MatMul(team);
            assertThrows(
                    IllegalArgumentException.class,
                    () -> matMul.multiply(new float[31], 1, new MatMul.Product(w, new float[8])));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> matMul.multiply(new float[32], 1, new MatMul.Product(w, new float[7])));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> matMul.multiply(new float[32], 0, new MatMul.Product(w, new float[8])));
        }
    }

    private static float[] multiply(QuantMatrix w, float[] x, int n, int threads) {
        float[] y = new float[n * w.rows()];
        try (WorkerTeam team = new WorkerTeam(threads)) {
            new MatMul(team).multiply(x, n, new MatMul.Product(w, y));
        }
        return y;
    }

    /** A sum of c products in float32, in any order, errs by at most c u / (1 - c u) of the sum of |w x|, u = 2^-24. */
    static void assertClose(QuantMatrix w, float[] x, int n, float[] y) {
        float[] row = new float[w.columns()];
        double gamma = w.columns() * 0x1p-24 / (1 - w.columns() * 0x1p-24);
        for (int r = 0; r < w.rows(); r++) {
            w.decodeRow(r, row, 0);
            for (int t = 0; t < n; t++) {
                double sum = 0;
                double size = 0;
                for (int c = 0; c < row.length; c++) {
                    double product = (double) row[c] * x[t * row.length + c];
                    sum += product;
                    size += Math.abs(product);
                }
                assertEquals(sum, y[t * w.rows() + r], gamma * size, w.format() + " row " + r + " token " + t);
            }
        }
    }
}
