package dev.skald.bench;

import dev.skald.kernels.WorkerTeam;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;
import java.util.function.IntConsumer;

/**
 * The limits of a number of threads on this machine: how fast they read memory, and how fast they multiply and add. Both drift
 * with the machine's load and temperature, so a speed is compared with a limit that is measured beside it.
 *
 * <p>Each measurement checks that it computed the right thing. Not thread-safe.
 */
public final class MachineLimits implements AutoCloseable {
    /** More memory than common caches hold. */
    public static final long USUAL_BYTES = 1L << 30;

    /** Small enough for threads to finish together, and large enough for hardware to prefetch. */
    private static final int CHUNK_LONGS = 1 << 20;

    private static final int REPEATS = 5;
    private static final double FMA_SECONDS = 0.02;
    private static final int STEPS = 1 << 16;

    /** How long a rate must not grow until the JVM is taken to have compiled the work, and how long this may take in all. */
    private static final long SETTLING_NANOS = 150_000_000L;

    private static final long LIMIT_NANOS = 3_000_000_000L;

    /**
     * Two rates, of all threads together.
     *
     * @param bytesPerSecond read from memory
     * @param flopsPerSecond floating-point operations on float32; a fused multiply-add counts as two
     */
    public record Rates(double bytesPerSecond, double flopsPerSecond) {
        /**
         * Returns the higher of each rate: two measurements can only be too low.
         *
         * @param other rates of the same machine
         * @return the better rates
         */
        public Rates max(Rates other) {
            return new Rates(
                    Math.max(bytesPerSecond, other.bytesPerSecond), Math.max(flopsPerSecond, other.flopsPerSecond));
        }
    }

    private final LimitKernels kernels;
    private final WorkerTeam team;
    private final long[][] memory;
    private final long[] sums;
    private final int streams;
    private final int items;
    private final int chains;

    /**
     * Allocates the memory to read, and finds out which way of reading and which number of chains are the fastest here. This
     * takes a few seconds.
     *
     * @param threads how many threads, 1 to 1024
     * @param bytes how much memory of the heap to read, usually {@link #USUAL_BYTES}: several times the size of the caches, as
     *     a model is
     * @throws IllegalArgumentException if {@code threads} is out of range, or {@code bytes} more than half the heap
     */
    public MachineLimits(int threads, long bytes) {
        this(threads, bytes, LimitKernels.best());
    }

    MachineLimits(int threads, long bytes, LimitKernels kernels) {
        long most = Runtime.getRuntime().maxMemory() / 2;
        if (bytes > most) {
            throw new IllegalArgumentException("reading " + bytes + " bytes, which is more than half the heap of "
                    + 2 * most + ": ask for less, or start Java with more (-Xmx)");
        }
        this.kernels = kernels;
        team = new WorkerTeam(threads);
        int chunks = (int) Math.max(threads, bytes / (CHUNK_LONGS * (long) Long.BYTES));
        memory = new long[chunks][];
        sums = new long[chunks];
        team.run(chunks, 1, (worker, from, to) -> {
            for (int chunk = from; chunk < to; chunk++) {
                fill(chunk);
            }
        });
        streams = fastest(LimitKernels.STREAMS, this::read);
        double itemsPerSecond = settled(() -> multiply(1, kernels.chains()[0])) / operations(kernels.chains()[0]);
        items = Math.max(1, (int) (FMA_SECONDS * itemsPerSecond)) * threads;
        chains = fastest(kernels.chains(), candidate -> multiply(items, candidate));
    }

    private void fill(int chunk) {
        long[] content = new long[CHUNK_LONGS];
        SplittableRandom random = new SplittableRandom(chunk);
        long sum = 0;
        for (int i = 0; i < content.length; i++) {
            content[i] = random.nextLong();
            sum += content[i];
        }
        memory[chunk] = content;
        sums[chunk] = sum;
    }

    private interface Candidate {
        double work(int candidate);
    }

    private static int fastest(int[] candidates, Candidate work) {
        int best = candidates[0];
        double most = 0;
        for (int candidate : candidates) {
            double rate = settled(() -> work.work(candidate));
            if (rate > most) {
                most = rate;
                best = candidate;
            }
        }
        return best;
    }

    /**
     * Measures both rates, in under a second; returns the best of several runs of each.
     *
     * @return the rates
     */
    public Rates measure() {
        return new Rates(rate(this::read), rate(this::multiply));
    }

    /** Like {@link #rate}, repeated until the JVM has compiled the work, because a rate grows by leaps until then. */
    private static double settled(DoubleSupplier work) {
        double most = 0;
        long start = System.nanoTime();
        long settledAt = start;
        while (System.nanoTime() - settledAt < SETTLING_NANOS && System.nanoTime() - start < LIMIT_NANOS) {
            double rate = rate(work);
            if (rate > 1.5 * most) {
                settledAt = System.nanoTime();
            }
            most = Math.max(most, rate);
        }
        return most;
    }

    /** Returns the best of several runs of some work, in its result per second. */
    private static double rate(DoubleSupplier work) {
        double most = 0;
        for (int i = 0; i < REPEATS; i++) {
            long start = System.nanoTime();
            double done = work.getAsDouble();
            most = Math.max(most, done / ((System.nanoTime() - start) * 1e-9));
        }
        return most;
    }

    /**
     * Reads all the memory once.
     *
     * @return how many bytes
     */
    public double read() {
        return read(streams);
    }

    private double read(int streams) {
        each(memory.length, chunk -> {
            if (kernels.sum(memory[chunk], streams) != sums[chunk]) {
                throw new IllegalStateException("chunk " + chunk + " has a wrong sum");
            }
        });
        return memory.length * (double) CHUNK_LONGS * Long.BYTES;
    }

    /**
     * Multiplies and adds for some hundredths of a second.
     *
     * @return how many operations; a fused multiply-add counts as two
     */
    public double multiply() {
        return multiply(items, chains);
    }

    private double multiply(int items, int chains) {
        each(items, ignored -> {
            double sum = kernels.advance(chains, STEPS);
            kernels.wrong(sum, chains).ifPresent(what -> {
                throw new IllegalStateException(what);
            });
        });
        return items * operations(chains);
    }

    private double operations(int chains) {
        return 2.0 * STEPS * chains * kernels.lanes();
    }

    private void each(int items, IntConsumer body) {
        team.run(items, 1, (worker, from, to) -> {
            for (int item = from; item < to; item++) {
                body.accept(item);
            }
        });
    }

    /** Ends the threads. */
    @Override
    public void close() {
        team.close();
    }
}
