package dev.skald.bench;

import dev.skald.bench.MachineLimits.Rates;
import java.util.List;

import dev.skald.bench.MachineLimits.Rates;

/**
 * A workload's speed, and what it is to be set against.
 *
 * @param workload what was timed
 * @param speed tokens per second, one value for each repetition
 * @param rival the same of another program, each value taken right after ours; no values without one
 * @param demand the least that the workload takes
 * @param rates what the machine could do around each repetition: the better of right before and right after it
 * @param steady whether the speed had stopped growing before it was measured
 */
public record Measurement(
        Workload workload, Samples speed, Samples rival, Demand demand, List<Rates> rates, boolean steady) {
    /**
     * Keeps a copy.
     *
     * @throws IllegalArgumentException if there are not as many rates as repetitions
     */
    public Measurement {
        rates = List.copyOf(rates);
        if (rates.size() != speed.values().size()) {
            throw new IllegalArgumentException(
                    rates.size() + " rates of " + speed.values().size() + " repetitions");
        }
    }

    /**
     * What the machine could do while this was measured.
     *
     * @return the means of the rates
     */
    public Rates meanRates() {
        return new Rates(
                rates.stream().mapToDouble(Rates::bytesPerSecond).average().orElse(Double.NaN),
                rates.stream().mapToDouble(Rates::flopsPerSecond).average().orElse(Double.NaN));
    }

    /**
     * Tokens per second that the machine allowed at most.
     *
     * @return the limit at each repetition
     */
    public Samples limits() {
        return new Samples(rates.stream().map(demand::limit).toList());
    }

    /**
     * How much of the limit each repetition reached. Limits drift within seconds where other machines share the memory, so
     * that a mean of speeds over one limit would say little.
     *
     * @return 1 for all of it
     */
    public Samples shares() {
        return speed.over(limits());
    }
}
