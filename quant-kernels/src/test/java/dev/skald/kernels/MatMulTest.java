package dev.skald.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.skald.gguf.GgmlType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every format, awkward sizes, one to many tokens, against a float64 product of the decoded weights. */
class MatMulTest {
    /** Weights used in place, and packed where this JVM has kernels for that. */
    static Stream<Arguments> cases() {
        return cases(1, 2, 3, 5, 8, 13, 33);
    }

    /** A number of tokens for each way to multiply. */
    static Stream<Arguments> ways() {
        return cases(1, 5, 33);
    }

    private static Stream<Arguments> cases(Integer... tokens) {
        return QuantFormats.all().stream()
                .flatMap(format -> (QuantMatrix.canPack() ? Stream.of(false, true) : Stream.of(false))
                        .flatMap(packed -> Stream.of(tokens).map(n -> Arguments.of(format, packed, n))));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void agreesWithFloat64(QuantFormat format, boolean packed, int n) {
        for (int rows : new int[] {1, 37, 250, 256}) {
            // Three blocks, and more columns than are summed at a time.
            int[] columns = {format.type().blockElements() * 3, rows % 16 == 0 || rows == 1 ? 512 : 2304};
            for (int c : columns) {
                check(format, packed, n, rows, c);
            }
        }
    }

    private static void check(QuantFormat format, boolean packed, int n, int rows, int columns) {
        try (WorkerTeam team = new WorkerTeam(2);
                Arena arena = Arena.ofShared()) {
            QuantMatrix w = Samples.matrix(format, rows, columns, 17);
            if (packed) {
                w = w.pack(Samples.blocks(format, rows, columns, 17), arena, team);
            }
            float[] x = Samples.normal(n * columns, 18);
            float[] y = new float[n * rows + 1];
            y[n * rows] = 12345;
            new MatMul(team).multiply(x, n, new MatMul.Product(w, y));
            assertClose(w, x, n, y);
            assertEquals(12345, y[n * rows]);
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void isTheSameToTheBitOnAnyNumberOfThreads(QuantFormat format, boolean packed, int n) {
        int columns = format.type().blockElements() * 2;
        try (WorkerTeam team = new WorkerTeam(1);
                Arena arena = Arena.ofShared()) {
            QuantMatrix w = Samples.matrix(format, 203, columns, 19);
            if (packed) {
                w = w.pack(Samples.blocks(format, 203, columns, 19), arena, team);
            }
            float[] x = Samples.normal(n * columns, 20);
            float[] one = multiply(w, x, n, 1);
            for (int threads : new int[] {2, 3}) {
                assertArrayEquals(one, multiply(w, x, n, threads));
            }
        }
    }

    /** What several tokens share is computed in several steps where it does not fit into a cache: 1.3 MiB here. */
    @ParameterizedTest
    @ValueSource(ints = {2, 4, 8})
    void matricesLargerThanACache(int n) {
        check(QuantFormats.of(GgmlType.Q4_0), QuantMatrix.canPack(), n, 1200, 2048);
    }

    static List<QuantFormat> formats() {
        return QuantFormats.all();
    }

    /** Activations of any size, some far larger than others and some zero. */
    @ParameterizedTest
    @MethodSource("formats")
    void activationsOfAnySize(QuantFormat format) {
        int columns = 512 + format.type().blockElements();
        try (WorkerTeam team = new WorkerTeam(2);
                Arena arena = Arena.ofShared()) {
            QuantMatrix w = Samples.matrix(format, 150, columns, 24);
            if (QuantMatrix.canPack()) {
                w = w.pack(Samples.blocks(format, 150, columns, 24), arena, team);
            }
            for (float size : new float[] {1, 1e-6f, 1e6f}) {
                float[] x = Samples.normal(columns, 25);
                for (int c = 0; c < columns; c++) {
                    x[c] *= c % 7 == 0 ? 0 : c % 64 == 5 ? 1000 * size : size;
                }
                float[] y = new float[150];
                new MatMul(team).multiply(x, 1, new MatMul.Product(w, y));
                assertClose(w, x, 1, y);
            }
        }
    }

    /** MXFP4 has the exponents of a float32, far beyond those of half precision; a row's blocks have one here. */
    @ParameterizedTest
    @ValueSource(ints = {1, 5, 33})
    void exponentsBeyondHalfPrecision(int n) {
        assumeTrue(QuantMatrix.canPack(), "there are no packed kernels in plain Java");
        QuantFormat format = QuantFormats.of(GgmlType.MXFP4);
        MemorySegment blocks =
                MemorySegment.ofArray(Samples.blocks(format, 40, 256, 22).toArray(ValueLayout.JAVA_BYTE));
        for (int block = 0; block < 40 * 8; block++) {
            blocks.set(ValueLayout.JAVA_BYTE, block * 17L, (byte) (60 + 4 * (block / 8)));
        }
        float[] x = Samples.normal(n * 256, 23);
        float[] y = new float[n * 40];
        try (WorkerTeam team = new WorkerTeam(2);
                Arena arena = Arena.ofShared()) {
            QuantMatrix w = QuantMatrix.of(format, 40, 256, blocks).pack(blocks, arena, team);
            new MatMul(team).multiply(x, n, new MatMul.Product(w, y));
            assertClose(w, x, n, y);
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

    /**
     * In place, a sum of c products errs by at most c u of the sum of |w x|, u = 2^-24. Packed, a sum over the columns of
     * a block, 32 or more, runs over codes from 0 to 2^b - 1 next to ones that are taken off again: 4 more roundings than
     * columns, of at most 4 x 2^b D sum |x|, and 2^b D is at most 2.5 times the largest weight among 32 random ones, or 4
     * times where two bits stand for -D, 0 and D; then the blocks add up.
     */
    static void assertClose(QuantMatrix w, float[] x, int n, float[] y) {
        int columns = w.columns();
        float[] row = new float[columns];
        Packing packing = w.format().packing();
        int block = Math.max(32, packing.scaleColumns());
        double codes = packing.kind() == Packing.Kind.BIT2 ? 4 : 2.5;
        for (int r = 0; r < w.rows(); r++) {
            w.decodeRow(r, row, 0);
            for (int t = 0; t < n; t++) {
                double sum = 0;
                double size = 0;
                for (int from = 0; from < columns; from += block) {
                    double largest = 0;
                    double activations = 0;
                    double products = 0;
                    for (int c = from; c < Math.min(columns, from + block); c++) {
                        double product = (double) row[c] * x[t * columns + c];
                        sum += product;
                        products += Math.abs(product);
                        largest = Math.max(largest, Math.abs(row[c]));
                        activations += Math.abs(x[t * columns + c]);
                    }
                    size += w.packed() == null
                            ? columns * products
                            : ((block + 4) * 4 * codes + columns / (double) block) * largest * activations;
                }
                assertEquals(sum, y[t * w.rows() + r], size * 0x1p-24, w + " row " + r + " token " + t);
            }
        }
    }
}
