package dev.skald.bench.jmh;

import dev.skald.bench.MachineLimits;
import dev.skald.bench.MachineLimits.Rates;
import dev.skald.gguf.GgmlType;
import dev.skald.kernels.KernelKind;
import dev.skald.kernels.WorkerTeam;
import dev.skald.kernels.format.QuantFormat;
import dev.skald.kernels.format.QuantFormats;
import dev.skald.kernels.product.MatMul;
import dev.skald.kernels.product.MatMul.Product;
import dev.skald.kernels.product.QuantMatrix;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Prints a Markdown table of the share of the machine's limits that products of each format reach. For one token, this is the share
 * of the rate at which memory can be read, counted in bytes of the file. For many tokens, it is the share of the float32 peak. The
 * limits are measured right before and right after each repetition, and each product is checked.
 */
final class FormatTable {
    private static final int ROWS = 8192;
    private static final int COLUMNS = 2048;
    private static final int MANY = 512;
    private static final int REPETITIONS = 5;
    private static final double SECONDS = 0.25;

    /** A rate, and its shares of the limits measured before and after it. */
    private record Speed(double rate, double share, double deviation) {
        @Override
        public String toString() {
            return String.format(Locale.ROOT, "%.0f | %.0f ± %.0f %%", rate * 1e-9, 100 * share, 100 * deviation);
        }
    }

    private interface Share {
        double of(double productsPerSecond, Rates limits);
    }

    private FormatTable() {}

    /** Prints the table from a JVM with the flags of the other benchmarks, and returns the exit code of that JVM. */
    static int inItsOwnJvm() throws IOException, InterruptedException {
        List<String> command = Stream.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        JvmFlags.LENIENT,
                        JvmFlags.VECTORS,
                        JvmFlags.NATIVE_ACCESS,
                        JvmFlags.HUGE_PAGES,
                        JvmFlags.HEAP,
                        "-cp",
                        System.getProperty("java.class.path"),
                        FormatTable.class.getName())
                .toList();
        return new ProcessBuilder(command).inheritIO().start().waitFor();
    }

    /**
     * Prints the table.
     *
     * @param args names of formats; none for all
     */
    public static void main(String[] args) {
        int threads = Runtime.getRuntime().availableProcessors();
        try (MachineLimits limits = new MachineLimits(threads, MachineLimits.USUAL_BYTES);
                WorkerTeam team = new WorkerTeam(threads)) {
            System.out.printf(
                    "%d x %d weights, streamed from %d MiB; %d threads; %s%n%n",
                    ROWS, COLUMNS, BenchmarkWeights.STREAMED_BYTES >> 20, threads, KernelKind.best());
            System.out.println("| | bits in a file | bits packed | one token, 10^9 weights/s | share of the limit | "
                    + MANY + " tokens, GFLOP/s | share of the float32 peak |");
            System.out.println("| --- | --- | --- | --- | --- | --- | --- |");
            for (QuantFormat format : QuantFormats.all()) {
                GgmlType type = format.type();
                if (args.length == 0 || Arrays.asList(args).contains(type.name())) {
                    System.out.println(row(type, limits, team));
                }
            }
        }
    }

    private static String row(GgmlType type, MachineLimits limits, WorkerTeam team) {
        try (BenchmarkWeights weights =
                new BenchmarkWeights(type.name(), ROWS, COLUMNS, team, BenchmarkWeights.STREAMED_BYTES)) {
            double count = (double) ROWS * COLUMNS;
            QuantMatrix matrix = weights.next();
            Speed one = speed(
                    weights,
                    limits,
                    team,
                    1,
                    count,
                    (products, rates) -> products * matrix.bytes() / rates.bytesPerSecond());
            double operations = 2 * count * MANY;
            Speed many = speed(
                    weights,
                    limits,
                    team,
                    MANY,
                    operations,
                    (products, rates) -> products * operations / rates.flopsPerSecond());
            return String.format(
                    Locale.ROOT,
                    "| %s | %.2f | %.2f | %s | %s |",
                    type,
                    type.bitsPerWeight(),
                    8 * matrix.packedBytes() / count,
                    one,
                    many);
        }
    }

    /**
     * Measures the rate of products.
     *
     * @param work the work of a product, in the unit of the rate
     */
    private static Speed speed(
            BenchmarkWeights weights, MachineLimits limits, WorkerTeam team, int tokens, double work, Share share) {
        MatMul matMul = new MatMul(team);
        float[] x = BenchmarkWeights.activations(COLUMNS * tokens);
        float[] y = new float[ROWS * tokens];
        productsPerSecond(matMul, weights, x, y, tokens);
        List<Double> rates = new ArrayList<>();
        List<Double> shares = new ArrayList<>();
        for (int i = 0; i < REPETITIONS; i++) {
            Rates before = limits.measure();
            double rate = productsPerSecond(matMul, weights, x, y, tokens);
            rates.add(rate * work);
            shares.add(share.of(rate, before.max(limits.measure())));
        }
        weights.check(x, tokens, y);
        double mean = mean(shares);
        double deviation =
                Math.sqrt(mean(shares.stream().map(s -> (s - mean) * (s - mean)).toList()));
        return new Speed(mean(rates), mean, deviation);
    }

    private static double productsPerSecond(MatMul matMul, BenchmarkWeights weights, float[] x, float[] y, int tokens) {
        long start = System.nanoTime();
        int products = 0;
        double seconds;
        do {
            matMul.multiply(x, tokens, new Product(weights.next(), y));
            products++;
            seconds = (System.nanoTime() - start) * 1e-9;
        } while (seconds < SECONDS);
        return products / seconds;
    }

    private static double mean(List<Double> values) {
        return values.stream().mapToDouble(v -> v).average().orElseThrow();
    }
}
