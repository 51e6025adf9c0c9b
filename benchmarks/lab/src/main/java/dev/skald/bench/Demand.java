package dev.skald.bench;

import dev.skald.bench.MachineLimits.Rates;

/**
 * The least that a workload needs of a machine. No program can be faster than the slower of two things: reading these bytes and
 * doing these operations.
 *
 * @param tokens how many tokens result
 * @param bytes bytes to read from memory
 * @param flops operations on float32
 */
public record Demand(long tokens, double bytes, double flops) {
    /**
     * Returns the limit on a machine.
     *
     * @param rates the machine's rates
     * @return the greatest possible number of tokens per second
     */
    public double limit(Rates rates) {
        return tokens / Math.max(bytes / rates.bytesPerSecond(), flops / rates.flopsPerSecond());
    }

    /**
     * Returns whether memory sets the limit.
     *
     * @param rates the machine's rates
     * @return true when reading takes longer than computing
     */
    public boolean boundByMemory(Rates rates) {
        return bytes / rates.bytesPerSecond() >= flops / rates.flopsPerSecond();
    }
}
