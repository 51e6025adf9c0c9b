package dev.skald.bench.jmh;

import dev.skald.kernels.KernelKind;
import dev.skald.kernels.WorkerTeam;
import dev.skald.kernels.attention.Attention;
import dev.skald.kernels.attention.AttentionShape;
import dev.skald.kernels.attention.AttentionWorkspace;
import dev.skald.kernels.attention.KvLayer;
import dev.skald.kernels.attention.KvLayout;
import dev.skald.kernels.format.KvFormat;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
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

/**
 * Attention in the shape of Llama 3.2 1B: 32 query heads and 8 KV heads of size 64, layer after layer. One row is a token of a
 * generation, 512 rows are a prompt; {@code depth} positions come before them.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {JvmFlags.LENIENT, JvmFlags.VECTORS, JvmFlags.NATIVE_ACCESS, JvmFlags.HUGE_PAGES, JvmFlags.HEAP
        })
public class AttentionBenchmark {
    private static final int MOST_LAYERS = 16;
    private static final int KV_HEADS = 8;
    private static final int GROUP = 4;
    private static final int SIZE = 64;

    /** The largest error that keys and values in half precision, or in 8 bits, may cause in values up to 1. */
    private double tolerance() {
        return format == KvFormat.Q8_0 ? 1e-2 : 2e-3;
    }

    /** The number of positions before the rows. */
    @Param({"128", "2048", "8192", "32768"})
    public int depth;

    /** The number of rows that are computed together. */
    @Param({"1", "512"})
    public int rows;

    /** The format of the cache. */
    @Param({"F16", "F32", "Q8_0"})
    public KvFormat format;

    /** The kernels. */
    @Param({"MACHINE_CODE", "VECTOR_API"})
    public KernelKind kernels;

    private final List<MemorySegment> pages = new ArrayList<>();
    private int layers;
    private KvLayout layout;
    private Arena arena;
    private WorkerTeam team;
    private Attention attention;
    private AttentionWorkspace work;
    private float[] q;
    private float[] out;
    private int layer;

    /** Fills a cache, alike in every layer, and checks the attention of one layer. */
    @Setup
    public void prepare() {
        // All layers of a model, except at the greatest depth, where fewer layers are larger than the processor's
        // caches too.
        layers = Math.min(MOST_LAYERS, MOST_LAYERS * 8192 / depth);
        layout = new KvLayout(layers, KV_HEADS, SIZE, SIZE, format);
        arena = Arena.ofShared();
        team = new WorkerTeam(Runtime.getRuntime().availableProcessors());
        q = BenchmarkWeights.activations(rows * KV_HEADS * GROUP * SIZE);
        for (int i = 0; i < q.length; i++) {
            q[i] /= (float) Math.sqrt(SIZE);
        }
        out = new float[q.length];
        for (int p = 0; p < depth + rows; p++) {
            if (p % KvLayout.POSITIONS == 0) {
                pages.add(arena.allocate(layout.pageBytes(), 64));
            }
            float[] k = row(p, 0);
            float[] v = row(p, 1);
            for (int l = 0; l < layers; l++) {
                layout.store(pages.getLast(), l, p % KvLayout.POSITIONS, k, 0, v, 0);
            }
        }
        attention = new Attention(
                AttentionShape.causal(KV_HEADS * GROUP, KV_HEADS, SIZE, SIZE, Integer.MAX_VALUE), kernels);
        work = new AttentionWorkspace(team);
        List<KvLayer> kv = IntStream.range(0, layers)
                .mapToObj(l -> new KvLayer(layout, l, pages))
                .toList();
        work.plan(List.of(new AttentionWorkspace.Rows(0, rows, depth, kv)));
        attendNext();
        check();
    }

    /** Returns the keys or values of a position. They follow a formula, so that a check needs no second copy. */
    private static float[] row(int position, int which) {
        float[] row = new float[KV_HEADS * SIZE];
        for (int i = 0; i < row.length; i++) {
            row[i] = (float) Math.sin(0.37 * position + 1.13 * i + 2.1 * which + 0.001 * position * i);
        }
        return row;
    }

    /** Computes attention in the next layer. */
    @Benchmark
    public float[] layer(Rates.Read read, Rates.Computed computed) {
        double seen = rows * (depth + (rows + 1) / 2.0);
        read.gigabytes += 1e-9 * layout.pageBytes() / layers * pages.size();
        computed.gigaflops += 4e-9 * KV_HEADS * GROUP * SIZE * seen;
        return attendNext();
    }

    private float[] attendNext() {
        layer = (layer + 1) % layers;
        attention.attend(work, layer, q, out);
        return out;
    }

    /** Checks every query head of the first row, of the last and of one in between. */
    private void check() {
        for (int row : new int[] {0, rows / 3, rows - 1}) {
            check(row);
        }
    }

    /** Compares a head with softmax and weighted sum in double precision. */
    private void check(int row) {
        int seen = depth + row + 1;
        int first = row * KV_HEADS * GROUP * SIZE;
        double[][] scores = new double[KV_HEADS * GROUP][seen];
        for (int p = 0; p < seen; p++) {
            float[] k = row(p, 0);
            for (int h = 0; h < scores.length; h++) {
                for (int i = 0; i < SIZE; i++) {
                    scores[h][p] += (double) q[first + h * SIZE + i] * k[h / GROUP * SIZE + i];
                }
            }
        }
        for (double[] score : scores) {
            double highest = Arrays.stream(score).max().orElseThrow();
            Arrays.setAll(score, p -> Math.exp(score[p] - highest));
            double sum = Arrays.stream(score).sum();
            Arrays.setAll(score, p -> score[p] / sum);
        }
        double[][] mixed = new double[scores.length][SIZE];
        for (int p = 0; p < seen; p++) {
            float[] v = row(p, 1);
            for (int h = 0; h < scores.length; h++) {
                for (int i = 0; i < SIZE; i++) {
                    mixed[h][i] += scores[h][p] * v[h / GROUP * SIZE + i];
                }
            }
        }
        for (int i = 0; i < scores.length * SIZE; i++) {
            double expected = mixed[i / SIZE][i % SIZE];
            if (!(Math.abs(out[first + i] - expected) <= tolerance())) {
                throw new IllegalStateException("attention at depth " + depth + ": value " + i + " of row " + row
                        + " is " + out[first + i] + ", not " + expected);
            }
        }
    }

    /** Checks the last result. */
    @TearDown
    public void finish() {
        check();
        arena.close();
        team.close();
    }
}
