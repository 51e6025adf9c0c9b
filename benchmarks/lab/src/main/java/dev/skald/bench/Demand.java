package dev.skald.bench;

import dev.skald.bench.MachineLimits.Rates;

/**
 * The least that a workload asks of a machine. Whatever computes it cannot be faster than the slower of reading those
 * bytes and doing those operations.
 *
 * @param tokens how many tokens come of it
 * @param bytes to read from memory
 * @param flops to do on float32
 */
public record Demand(long tokens, double bytes, double flops) {
    /**
     * The limit on a machine.
     *
     * @param rates what the machine can do
     * @return tokens per second at most
     */
    public double limit(Rates rates) {
        return tokens / Math.max(bytes / rates.bytesPerSecond(), flops / rates.flopsPerSecond());
    }

    /**
     * What makes the limit.
     *
     * @param rates what the machine can do
     * @return true when reading takes longer than computing
     */
    public boolean boundByMemory(Rates rates) {
        return bytes / rates.bytesPerSecond() >= flops / rates.flopsPerSecond();
    }
}
