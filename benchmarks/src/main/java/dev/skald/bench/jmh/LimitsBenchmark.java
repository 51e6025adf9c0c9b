package dev.skald.bench.jmh;

import dev.skald.bench.MachineLimits;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Measures the limits of all processors, with which other figures are compared. Every call checks its result. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {JvmFlags.LENIENT, JvmFlags.VECTORS, JvmFlags.NATIVE_ACCESS, JvmFlags.HUGE_PAGES, JvmFlags.HEAP
        })
public class LimitsBenchmark {
    private MachineLimits limits;

    /** Finds the fastest way to reach each limit. */
    @Setup
    public void prepare() {
        limits = new MachineLimits(Runtime.getRuntime().availableProcessors(), MachineLimits.USUAL_BYTES);
    }

    /** Reads memory. */
    @Benchmark
    public double read(Rates.Read read) {
        double bytes = limits.read();
        read.gigabytes += bytes * 1e-9;
        return bytes;
    }

    /** Multiplies and adds in registers. */
    @Benchmark
    public double multiply(Rates.Computed computed) {
        double operations = limits.multiply();
        computed.gigaflops += operations * 1e-9;
        return operations;
    }

    /** Ends the threads. */
    @TearDown
    public void finish() {
        limits.close();
    }
}
