package dev.skald.bench.jmh;

import dev.skald.kernels.WorkerTeam;
import dev.skald.kernels.product.MatMul;
import dev.skald.kernels.product.MatMul.Product;
import dev.skald.kernels.product.QuantMatrix;
import java.lang.foreign.Arena;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Packs a matrix on all processors into newly allocated memory, as opening a model does. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {JvmFlags.LENIENT, JvmFlags.VECTORS, JvmFlags.NATIVE_ACCESS, JvmFlags.HUGE_PAGES, JvmFlags.HEAP
        })
public class PackingBenchmark {
    private static final int ROWS = 8192;
    private static final int COLUMNS = 2048;

    /** A type of weights; the whole run takes every format there is. */
    @Param({"Q4_0", "Q8_0", "Q4_K"})
    public String format;

    private WorkerTeam team;
    private BenchmarkWeights weights;

    /** Makes the blocks, and checks a product of packed ones. */
    @Setup
    public void prepare() {
        team = new WorkerTeam(Runtime.getRuntime().availableProcessors());
        weights = new BenchmarkWeights(format, ROWS, COLUMNS, null, 1);
        check();
    }

    /** Packs the matrix. */
    @Benchmark
    public QuantMatrix matrix(Rates.Read read) {
        read.gigabytes += weights.gigabytes();
        try (Arena arena = Arena.ofShared()) {
            return weights.packed(arena, team);
        }
    }

    private void check() {
        float[] x = BenchmarkWeights.activations(COLUMNS);
        float[] y = new float[ROWS];
        try (Arena arena = Arena.ofShared()) {
            new MatMul(team).multiply(x, 1, new Product(weights.packed(arena, team), y));
        }
        weights.check(x, 1, y);
    }

    /** Checks another product. */
    @TearDown
    public void finish() {
        check();
        weights.close();
        team.close();
    }
}
