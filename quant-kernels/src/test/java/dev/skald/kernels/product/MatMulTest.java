package dev.skald.kernels.product;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.fail;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.KernelKind;
import dev.skald.kernels.Samples;
import dev.skald.kernels.WorkerTeam;
import dev.skald.kernels.format.QuantFormat;
import dev.skald.kernels.format.QuantFormats;
import dev.skald.kernels.pack.Packing;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Compares products of every format, of awkward sizes and with one to many tokens, with float64 products of decoded weights. */
class MatMulTest {
    /** The kinds of kernels that this JVM has; one of them uses weights in place, and the others packed ones. */
    static List<KernelKind> kinds() {
        return Stream.of(KernelKind.values()).filter(KernelKind::available).toList();
    }

    static Stream<Arguments> formats() {
        return QuantFormats.all().stream().flatMap(format -> kinds().stream().map(kind -> Arguments.of(format, kind)));
    }

    /** A number of tokens for each way to multiply. */
    static Stream<Arguments> ways() {
        return formats().flatMap(a -> Stream.of(1, 5, 33).map(n -> Arguments.of(a.get()[0], a.get()[1], n)));
    }

    @ParameterizedTest
    @MethodSource("formats")
    void agreesWithFloat64(QuantFormat format, KernelKind kind) {
        for (int rows : new int[] {1, 37, 250, 256}) {
            // Three blocks, and more columns than are summed at a time.
            int[] columns = {format.type().blockElements() * 3, rows % 16 == 0 || rows == 1 ? 512 : 2304};
            for (int c : columns) {
                check(format, kind, rows, c, 1, 2, 3, 5, 8, 13, 33);
            }
        }
    }

    private static void check(QuantFormat format, KernelKind kind, int rows, int columns, int... tokens) {
        Expected expected = Expected.of(format, rows, columns, tokens[tokens.length - 1]);
        try (WorkerTeam team = new WorkerTeam(2);
                Arena arena = Arena.ofShared()) {
            QuantMatrix w = expected.matrix;
            w = kind == KernelKind.IN_PLACE ? w : w.pack(kind, expected.blocks, arena, team);
            for (int n : tokens) {
                float[] y = new float[n * rows + 1];
                y[n * rows] = 12345;
                new MatMul(team).multiply(expected.x, n, new MatMul.Product(w, y));
                expected.check(w, n, y);
                assertEquals(12345, y[n * rows]);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void isTheSameToTheBitOnAnyNumberOfThreads(QuantFormat format, KernelKind kind, int n) {
        int columns = format.type().blockElements() * 2;
        try (WorkerTeam team = new WorkerTeam(1);
                Arena arena = Arena.ofShared()) {
            QuantMatrix w = matrix(format, kind, 203, columns, 19, arena, team);
            float[] x = Samples.normal(n * columns, 20);
            float[] one = multiply(w, x, n, 1);
            for (int threads : new int[] {2, 3}) {
                assertArrayEquals(one, multiply(w, x, n, threads));
            }
        }
    }

    /** What several tokens share (1.3 MiB here) is computed in several steps, because it does not fit into a cache. */
    @ParameterizedTest
    @MethodSource("kinds")
    void matricesLargerThanACache(KernelKind kind) {
        check(QuantFormats.of(GgmlType.Q4_0), kind, 1200, 2048, 2, 4, 8, 13);
    }

    /** The result of a single token is the same whatever other tokens are multiplied beside it. */
    @ParameterizedTest
    @MethodSource("formats")
    void eachTokenGivesTheSameBitsInEveryBatch(QuantFormat format, KernelKind kind) {
        int columns = format.type().blockElements() * 2;
        int rows = 203;
        try (WorkerTeam team = new WorkerTeam(2);
                Arena arena = Arena.ofShared()) {
            QuantMatrix w = matrix(format, kind, rows, columns, 19, arena, team);
            MatMul matMul = new MatMul(team);
            float[] x = Samples.normal(27 * columns, 20);
            float[] together = multiply(matMul, w, x, 27);
            for (int n : new int[] {1, 2, 3, 4, 5, 6, 7, 11, 13}) {
                for (int first = 0; first + n <= 27; first += 7) {
                    float[] some = Arrays.copyOfRange(x, first * columns, (first + n) * columns);
                    assertArrayEquals(
                            Arrays.copyOfRange(together, first * rows, (first + n) * rows),
                            multiply(matMul, w, some, n));
                }
            }
        }
    }

    /** Tokens that have a matrix each give what they give alone. */
    @ParameterizedTest
    @MethodSource("formats")
    void eachTokenMayHaveAMatrixOfItsOwn(QuantFormat format, KernelKind kind) {
        int block = format.type().blockElements();
        int[] columns = {block * 2, block * 3, block * 2};
        try (WorkerTeam team = new WorkerTeam(2);
                Arena arena = Arena.ofShared()) {
            MatMul matMul = new MatMul(team);
            float[][] x = new float[columns.length][];
            MatMul.Product[] products = new MatMul.Product[columns.length];
            for (int i = 0; i < products.length; i++) {
                QuantMatrix w = matrix(format, kind, 203 + i, columns[i], 30 + i, arena, team);
                x[i] = Samples.normal(columns[i], 40 + i);
                products[i] = new MatMul.Product(w, new float[w.rows()]);
            }
            for (int count : new int[] {1, 3, 2}) {
                matMul.multiplyEach(x, Arrays.copyOf(products, count));
                for (int i = 0; i < count; i++) {
                    assertArrayEquals(multiply(matMul, products[i].matrix(), x[i], 1), products[i].y());
                    Arrays.fill(products[i].y(), 0);
                }
            }
        }
    }

    private static float[] multiply(MatMul matMul, QuantMatrix w, float[] x, int n) {
        float[] y = new float[n * w.rows()];
        matMul.multiply(x, n, n, new MatMul.Product(w, y));
        return y;
    }

    private static QuantMatrix matrix(
            QuantFormat format, KernelKind kind, int rows, int columns, long seed, Arena arena, WorkerTeam team) {
        QuantMatrix w = Samples.matrix(format, rows, columns, seed);
        return kind == KernelKind.IN_PLACE ? w : w.pack(kind, Samples.blocks(format, rows, columns, seed), arena, team);
    }

    /** Activations of any size, some far larger than others and some zero. */
    @ParameterizedTest
    @MethodSource("formats")
    void activationsOfAnySize(QuantFormat format, KernelKind kind) {
        int columns = 512 + format.type().blockElements();
        try (WorkerTeam team = new WorkerTeam(2);
                Arena arena = Arena.ofShared()) {
            QuantMatrix w = matrix(format, kind, 150, columns, 24, arena, team);
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

    static Stream<Arguments> exponents() {
        return kinds().stream().flatMap(kind -> Stream.of(1, 5, 33).map(n -> Arguments.of(kind, n)));
    }

    /** MXFP4 has the exponents of a float32, far beyond those of half precision; a row's blocks have one here. */
    @ParameterizedTest
    @MethodSource("exponents")
    void exponentsBeyondHalfPrecision(KernelKind kind, int n) {
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
            QuantMatrix w = QuantMatrix.of(format, 40, 256, blocks);
            w = kind == KernelKind.IN_PLACE ? w : w.pack(kind, blocks, arena, team);
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
            assertThrows(
                    IllegalArgumentException.class,
                    () -> matMul.multiply(new float[32], 1, 2, new MatMul.Product(w, new float[8])));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> matMul.multiply(new float[32], 1, -1, new MatMul.Product(w, new float[8])));
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
     *
     * <p>Machine code also rounds activations to whole parts of a 32767th of the largest of their block: by half of one, and a
     * little for the rounding of that factor.
     */
    static void assertClose(QuantMatrix w, float[] x, int n, float[] y) {
        new Expected(w, null, x, n).check(w, n, y);
    }

    /** The sums of products with decoded weights, and the allowed errors: see {@link #assertClose}. */
    private static final class Expected {
        /** The expected results of one format, which are reused for several kinds of kernels. */
        private static final Map<List<Integer>, Expected> KEPT = new HashMap<>();

        private static QuantFormat kept;

        private final QuantMatrix matrix;
        private final MemorySegment blocks;
        private final float[] x;

        // All [token][row].
        private final double[] sums;
        private final double[] inPlace;
        private final double[] packed;
        private final double[] rounded;

        static Expected of(QuantFormat format, int rows, int columns, int tokens) {
            if (kept != format) {
                KEPT.clear();
                kept = format;
            }
            return KEPT.computeIfAbsent(List.of(rows, columns, tokens), key -> {
                MemorySegment blocks = Samples.blocks(format, rows, columns, 17);
                QuantMatrix w = QuantMatrix.of(format, rows, columns, blocks);
                return new Expected(w, blocks, Samples.normal(tokens * columns, 18), tokens);
            });
        }

        Expected(QuantMatrix w, MemorySegment blocks, float[] x, int tokens) {
            matrix = w;
            this.blocks = blocks;
            this.x = x;
            sums = new double[tokens * w.rows()];
            inPlace = new double[sums.length];
            packed = new double[sums.length];
            rounded = new double[sums.length];
            int columns = w.columns();
            float[] row = new float[columns];
            for (int r = 0; r < w.rows(); r++) {
                w.decodeRow(r, row, 0);
                for (int t = 0; t < tokens; t++) {
                    compute(w.format().packing(), row, t * columns, t * w.rows() + r);
                }
            }
        }

        private void compute(Packing packing, float[] row, int xo, int at) {
            int columns = row.length;
            int block = Math.max(32, packing.scaleColumns());
            double codes = packing.kind() == Packing.Kind.BIT2 ? 4 : 2.5;
            double sum = 0;
            for (int from = 0; from < columns; from += block) {
                double largest = 0;
                double activations = 0;
                double products = 0;
                for (int c = from; c < Math.min(columns, from + block); c++) {
                    double product = (double) row[c] * x[xo + c];
                    sum += product;
                    products += Math.abs(product);
                    largest = Math.max(largest, Math.abs(row[c]));
                    activations += Math.abs(x[xo + c]);
                }
                inPlace[at] += columns * products;
                packed[at] += ((block + 4) * 4 * codes + columns / (double) block) * largest * activations;
            }
            sums[at] = sum;
            if (packing.scaling() != Packing.Scaling.NONE) {
                rounded[at] = roundingOfActivations(row, x, xo, packing.scaleColumns()) * 0x1p24;
            }
        }

        void check(QuantMatrix w, int n, float[] y) {
            for (int i = 0; i < n * w.rows(); i++) {
                double size = w.packed() == null ? inPlace[i] : packed[i];
                if (w.packed() instanceof MachineWeights) {
                    size += rounded[i];
                }
                // Not assertEquals: it would make a message for each of some million results.
                if (!(Math.abs(sums[i] - y[i]) <= size * 0x1p-24)) {
                    fail(w + " row " + i % w.rows() + " token " + i / w.rows() + ": " + y[i] + " instead of " + sums[i]
                            + ", off by more than " + size * 0x1p-24);
                }
            }
        }
    }

    private static double roundingOfActivations(float[] row, float[] x, int xo, int block) {
        double error = 0;
        for (int from = 0; from < row.length; from += block) {
            double weights = 0;
            double most = 0;
            for (int c = from; c < Math.min(row.length, from + block); c++) {
                weights += Math.abs(row[c]);
                most = Math.max(most, Math.abs(x[xo + c]));
            }
            error += 0.51 / 32767 * most * weights;
        }
        return error;
    }
}
