package dev.skald.bench.jmh;

import dev.skald.kernels.WorkerTeam;
import dev.skald.kernels.product.MatMul;
import dev.skald.kernels.product.MatMul.Product;
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

/** Multiplies activations with weights that are streamed from memory, on all processors, after other formats have run. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {JvmFlags.LENIENT, JvmFlags.VECTORS, JvmFlags.NATIVE_ACCESS, JvmFlags.HUGE_PAGES, JvmFlags.HEAP
        })
public abstract class ProductBenchmark {
    /** A type of weights; the whole run takes every format there is. */
    @Param({"Q4_0", "Q8_0", "Q4_K"})
    public String format;

    /** How the weights lie in memory: packed for the kernels, or in place, as in the file. */
    @Param("packed")
    public String layout;

    private WorkerTeam team;
    private MatMul matMul;
    private BenchmarkWeights weights;
    private float[] x;
    private float[] y;

    /** Rows and columns, as in 2048x8192. */
    abstract String shape();

    abstract int tokens();

    /** Makes the matrix, warms up, and checks a product. */
    @Setup
    public void prepare() {
        String[] sides = shape().split("x");
        int rows = Integer.parseInt(sides[0]);
        int columns = Integer.parseInt(sides[1]);
        team = new WorkerTeam(Runtime.getRuntime().availableProcessors());
        boolean packed = layout.equals("packed");
        BenchmarkWeights.warmUpOthers(format, packed, team, tokens());
        matMul = new MatMul(team);
        weights = new BenchmarkWeights(format, rows, columns, packed ? team : null, BenchmarkWeights.STREAMED_BYTES);
        x = BenchmarkWeights.activations(columns * tokens());
        y = new float[rows * tokens()];
        multiplyNext();
        weights.check(x, tokens(), y);
    }

    final float[] multiply(Rates.Read read, Rates.Computed computed) {
        read.gigabytes += weights.gigabytes();
        computed.gigaflops += weights.gigaflops(tokens());
        return multiplyNext();
    }

    private float[] multiplyNext() {
        matMul.multiply(x, tokens(), new Product(weights.next(), y));
        return y;
    }

    /** Checks the last product. */
    @TearDown
    public void finish() {
        weights.check(x, tokens(), y);
        weights.close();
        team.close();
    }

    /** One token, as in generation. */
    public static class MatrixVector extends ProductBenchmark {
        /** Shapes of matrices; the last one is an output matrix. */
        @Param({"2048x2048", "8192x2048", "2048x8192", "128256x2048"})
        public String shape;

        @Override
        String shape() {
            return shape;
        }

        @Override
        int tokens() {
            return 1;
        }

        /** Computes a product. */
        @Benchmark
        public float[] product(Rates.Read read, Rates.Computed computed) {
            return multiply(read, computed);
        }
    }

    /** Several tokens, as in a prompt or in several sequences that are computed together. */
    public static class MatrixMatrix extends ProductBenchmark {
        /** Shapes of matrices that all tokens of a prompt are multiplied with. */
        @Param({"2048x2048", "8192x2048", "2048x8192"})
        public String shape;

        /** The number of tokens. */
        @Param({"2", "8", "64", "512"})
        public int tokens;

        @Override
        String shape() {
            return shape;
        }

        @Override
        int tokens() {
            return tokens;
        }

        /** Computes a product. */
        @Benchmark
        public float[] product(Rates.Read read, Rates.Computed computed) {
            return multiply(read, computed);
        }
    }
}
