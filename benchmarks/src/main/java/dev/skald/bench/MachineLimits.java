package dev.skald.bench;

import dev.skald.kernels.WorkerTeam;
import java.util.SplittableRandom;

/**
 * What a number of threads of this machine can do at most: how fast they read memory, and how fast they multiply and
 * add. Both drift with the machine's load and temperature, so a figure is set against a limit measured beside it.
 *
 * <p>Each measurement checks that it computed the right thing. Not for use from several threads at once.
 */
public final class MachineLimits implements AutoCloseable {
    /** Memory to read that no common cache holds. */
    public static final long USUAL_BYTES = 1L << 30;

    /** Small enough for threads to finish together, large enough for hardware to prefetch. */
    private static final int CHUNK_LONGS = 1 << 20;

    private static final int REPEATS = 5;
    private static final double FMA_SECONDS = 0.04;
    private static final int STEPS = 1 << 16;

    /**
     * Two rates, of all threads together.
     *
     * @param bytesPerSecond read from memory
     * @param flopsPerSecond floating-point operations on float32; a fused multiply-add counts as two
     */
    public record Rates(double bytesPerSecond, double flopsPerSecond) {
        /**
         * The higher of each: two measurements can only err towards too little.
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
    private final int chains;

    /**
     * Takes the memory to read and finds out which way of reading and which number of chains are the fastest here. That
     * takes a few seconds.
     *
     * @param threads how many threads, 1 to 1024
     * @param bytes how much memory to take of the heap, as a rule {@link #USUAL_BYTES}: several times what the caches hold,
     *     as a model is
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
        streams = fastest(LimitKernels.STREAMS, candidate -> read(candidate, REPEATS));
        chains = fastest(kernels.chains(), candidate -> multiply(candidate, REPEATS));
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

    private interface Rate {
        double of(int candidate);
    }

    private static int fastest(int[] candidates, Rate rate) {
        int best = candidates[0];
        double most = 0;
        for (int candidate : candidates) {
            double found = rate.of(candidate);
            if (found > most) {
                most = found;
                best = candidate;
            }
        }
        return best;
    }

    /**
     * Measures both rates now, which takes under a second; the best of several runs each.
     *
     * @return the rates
     */
    public Rates measure() {
        return new Rates(read(streams, REPEATS), multiply(chains, REPEATS));
    }

    private double read(int streams, int repeats) {
        double least = Double.MAX_VALUE;
        for (int i = 0; i < repeats; i++) {
            least = Math.min(least, secondsToRead(streams));
        }
        return memory.length * (double) CHUNK_LONGS * Long.BYTES / least;
    }

    private double secondsToRead(int streams) {
        return seconds(memory.length, chunk -> {
            if (kernels.sum(memory[chunk], streams) != sums[chunk]) {
                throw new IllegalStateException("chunk " + chunk + " has a wrong sum");
            }
        });
    }

    private double multiply(int chains, int repeats) {
        advance(chains);
        double one = seconds(1, ignored -> advance(chains));
        int items = (int) Math.max(1, FMA_SECONDS / one) * team.threads();
        double least = Double.MAX_VALUE;
        for (int i = 0; i < repeats; i++) {
            least = Math.min(least, seconds(items, ignored -> advance(chains)));
        }
        return 2.0 * items * STEPS * chains * kernels.lanes() / least;
    }

    private void advance(int chains) {
        double sum = kernels.advance(chains, STEPS);
        kernels.wrong(sum, chains).ifPresent(what -> {
            throw new IllegalStateException(what);
        });
    }

    private interface Item {
        void run(int item);
    }

    private double seconds(int items, Item body) {
        long start = System.nanoTime();
        team.run(items, 1, (worker, from, to) -> {
            for (int item = from; item < to; item++) {
                body.run(item);
            }
        });
        return (System.nanoTime() - start) * 1e-9;
    }

    /** Ends the threads. */
    @Override
    public void close() {
        team.close();
    }
}
