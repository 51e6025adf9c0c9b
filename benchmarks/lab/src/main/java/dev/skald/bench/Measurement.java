package dev.skald.bench;

import dev.skald.bench.MachineLimits.Rates;

/**
 * A workload's speed, and what it is to be set against.
 *
 * @param workload what was timed
 * @param speed tokens per second, one value for each repetition
 * @param rival the same of another program, each value taken right after ours; no values without one
 * @param demand the least that the workload takes
 * @param rates what the machine could do, measured before and after
 * @param steady whether the speed had stopped growing before it was measured
 */
public record Measurement(Workload workload, Samples speed, Samples rival, Demand demand, Rates rates, boolean steady) {
    /**
     * Tokens per second that the machine allows at most.
     *
     * @return the limit
     */
    public double limit() {
        return demand.limit(rates);
    }

    /**
     * How much of the limit was reached.
     *
     * @return 1 for all of it
     */
    public double share() {
        return speed.mean() / limit();
    }
}
