package dev.skald.bench;

import dev.skald.bench.MachineLimits.Rates;
import java.util.List;

/**
 * A workload's speed, and what to compare it with.
 *
 * @param workload the workload
 * @param speed tokens per second, one value for each repetition
 * @param rival the speed of another program, each value measured right after Skald's; no values without one
 * @param demand the least that the workload needs
 * @param rates the machine's rates around each repetition: the better of right before and right after it
 * @param steady whether the speed had stopped growing before it was measured
 */
public record Measurement(
        Workload workload, Samples speed, Samples rival, Demand demand, List<Rates> rates, boolean steady) {
    /**
     * Copies the list.
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
     * Returns the machine's rates during the measurement.
     *
     * @return the means of the rates
     */
    public Rates meanRates() {
        return new Rates(
                rates.stream().mapToDouble(Rates::bytesPerSecond).average().orElse(Double.NaN),
                rates.stream().mapToDouble(Rates::flopsPerSecond).average().orElse(Double.NaN));
    }

    /**
     * Returns the greatest number of tokens per second that the machine allowed.
     *
     * @return the limit at each repetition
     */
    public Samples limits() {
        return new Samples(rates.stream().map(demand::limit).toList());
    }

    /**
     * Returns the share of the limit that each repetition reached. Limits drift within seconds if other machines share the
     * memory, so the mean of the speeds over one limit would say little.
     *
     * @return shares; 1 for all of it
     */
    public Samples shares() {
        return speed.over(limits());
    }
}
