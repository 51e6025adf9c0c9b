package dev.skald.bench.jmh;

import dev.skald.kernels.attention.Ops;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
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

/**
 * The gated delta rule in the shape of Qwen 3.5 4B: 32 memories of 128 x 128 floats in each layer, on one thread. It works on
 * blocks of 32 rows: it loads a block, updates it with some tokens and stores it elsewhere. A generation updates with one token
 * at a time, a prompt with 64.
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
public class DeltaRuleBenchmark {
    private static final int LAYERS = 24;
    private static final int SIZE = 128;
    private static final int ROWS = 32 * SIZE;
    private static final int TOGETHER = 32;

    /** The tokens with which a memory is updated at a time. */
    @Param({"1", "64"})
    public int tokens;

    private final float[] memory = new float[TOGETHER * SIZE];
    private Arena arena;
    private MemorySegment before;
    private MemorySegment after;
    private float[] keys;
    private float[] values;
    private float[] out;
    private int layer;

    /** Makes memories, keys and values. */
    @Setup
    public void prepare() {
        arena = Arena.ofShared();
        long bytes = 4L * LAYERS * ROWS * SIZE;
        before = arena.allocate(bytes, 64);
        after = arena.allocate(bytes, 64);
        keys = BenchmarkWeights.activations(tokens * SIZE);
        values = BenchmarkWeights.activations(tokens * TOGETHER);
        out = new float[tokens * TOGETHER];
        for (int i = 0; i < keys.length; i++) {
            keys[i] /= (float) Math.sqrt(SIZE);
        }
    }

    /** Updates the memories of a layer. */
    @Benchmark
    public float[] layer(Rates.Read read, Rates.Computed computed) {
        read.gigabytes += 1e-9 * 4 * ROWS * SIZE;
        // Each element is multiplied with k and with q, changed and decayed.
        computed.gigaflops += 1e-9 * 7 * ROWS * SIZE * tokens;
        layer = (layer + 1) % LAYERS;
        for (int row = 0; row < ROWS; row += TOGETHER) {
            long at = 4L * SIZE * ((long) layer * ROWS + row);
            MemorySegment.copy(before, ValueLayout.JAVA_FLOAT, at, memory, 0, memory.length);
            for (int t = 0; t < tokens; t++) {
                Ops.deltaRule(
                        memory,
                        0,
                        TOGETHER,
                        SIZE,
                        0.95f,
                        0.5f,
                        keys,
                        t * SIZE,
                        keys,
                        t * SIZE,
                        values,
                        t * TOGETHER,
                        out,
                        t * TOGETHER);
            }
            MemorySegment.copy(memory, 0, after, ValueLayout.JAVA_FLOAT, at, memory.length);
        }
        return out;
    }

    /** Frees the memories. */
    @TearDown
    public void finish() {
        arena.close();
    }
}
