package dev.skald.bench.jmh;

import dev.skald.kernels.WorkerTeam;
import dev.skald.kernels.ops.Attention;
import dev.skald.kernels.ops.KvLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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

/** Attention of one token, in the shape of Llama 3.2 1B: 32 query heads, 8 KV heads, of size 64; layer after layer. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {JvmFlags.LENIENT, JvmFlags.VECTORS, JvmFlags.HUGE_PAGES, JvmFlags.HEAP})
public class AttentionBenchmark {
    private static final int MOST_LAYERS = 16;
    private static final int KV_HEADS = 8;
    private static final int GROUP = 4;
    private static final int SIZE = 64;

    /** The largest error, as a part of the largest value: what keys and values in half precision may make. */
    private static final double TOLERANCE = 2e-3;

    /** Positions attended to. */
    @Param({"128", "2048", "8192", "32768"})
    public int depth;

    private final List<MemorySegment> pages = new ArrayList<>();
    private int layers;
    private KvLayout layout;
    private Arena arena;
    private WorkerTeam team;
    private float[][] scratch;
    private float[] q;
    private float[] out;
    private int layer;

    /** Fills a cache, the same in every layer, and checks the attention of one. */
    @Setup
    public void prepare() {
        // As deep a cache as a model has, but for the deepest, which is longer than caches in fewer layers too.
        layers = Math.min(MOST_LAYERS, MOST_LAYERS * 8192 / depth);
        layout = new KvLayout(layers, KV_HEADS, SIZE, SIZE);
        arena = Arena.ofShared();
        team = new WorkerTeam(Runtime.getRuntime().availableProcessors());
        scratch = new float[team.threads()][Attention.scratch(depth)];
        q = Weights.activations(KV_HEADS * GROUP * SIZE);
        for (int i = 0; i < q.length; i++) {
            q[i] /= (float) Math.sqrt(SIZE);
        }
        out = new float[q.length];
        for (int p = 0; p < depth; p++) {
            if (p % KvLayout.POSITIONS == 0) {
                pages.add(arena.allocate(layout.pageBytes(), 64));
            }
            float[] k = row(p, 0);
            float[] v = row(p, 1);
            for (int l = 0; l < layers; l++) {
                layout.store(pages.getLast(), l, p % KvLayout.POSITIONS, k, 0, v, 0);
            }
        }
        attendNext();
        check();
    }

    /** The keys or values of a position: a formula, so that a check needs no second copy. */
    private static float[] row(int position, int which) {
        float[] row = new float[KV_HEADS * SIZE];
        for (int i = 0; i < row.length; i++) {
            row[i] = (float) Math.sin(0.37 * position + 1.13 * i + 2.1 * which + 0.001 * position * i);
        }
        return row;
    }

    /** Attention in the next layer. */
    @Benchmark
    public float[] token(Rates.Read read, Rates.Computed computed) {
        read.gigabytes += 1e-9 * layout.pageBytes() / layers * pages.size();
        computed.gigaflops += 4e-9 * KV_HEADS * GROUP * SIZE * depth;
        return attendNext();
    }

    private float[] attendNext() {
        layer = (layer + 1) % layers;
        team.run(KV_HEADS, 1, (worker, from, to) -> {
            for (int head = from; head < to; head++) {
                int at = head * GROUP * SIZE;
                Attention.attend(q, at, GROUP, layout, pages, layer, head, 0, depth, scratch[worker], out, at);
            }
        });
        return out;
    }

    /** Softmax and mixture in double precision, for every query head. */
    private void check() {
        double[][] scores = new double[KV_HEADS * GROUP][depth];
        for (int p = 0; p < depth; p++) {
            float[] k = row(p, 0);
            for (int h = 0; h < scores.length; h++) {
                for (int i = 0; i < SIZE; i++) {
                    scores[h][p] += (double) q[h * SIZE + i] * k[h / GROUP * SIZE + i];
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
        for (int p = 0; p < depth; p++) {
            float[] v = row(p, 1);
            for (int h = 0; h < scores.length; h++) {
                for (int i = 0; i < SIZE; i++) {
                    mixed[h][i] += scores[h][p] * v[h / GROUP * SIZE + i];
                }
            }
        }
        for (int i = 0; i < out.length; i++) {
            double expected = mixed[i / SIZE][i % SIZE];
            if (!(Math.abs(out[i] - expected) <= TOLERANCE)) {
                throw new IllegalStateException(
                        "attention at depth " + depth + ": value " + i + " is " + out[i] + ", not " + expected);
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
