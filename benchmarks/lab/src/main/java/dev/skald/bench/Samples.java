package dev.skald.bench;

import java.util.List;
import java.util.stream.IntStream;

/**
 * Repeated measurements of one quantity.
 *
 * @param values the measured values, in order
 */
public record Samples(List<Double> values) {
    /** Copies the values. */
    public Samples {
        values = List.copyOf(values);
    }

    /**
     * Returns the arithmetic mean.
     *
     * @return NaN if there are no values
     */
    public double mean() {
        return values.stream().mapToDouble(value -> value).average().orElse(Double.NaN);
    }

    /**
     * Returns the sample standard deviation (divided by n - 1), as llama-bench does.
     *
     * @return 0 for fewer than two values
     */
    public double deviation() {
        double mean = mean();
        double squares = values.stream()
                .mapToDouble(value -> (value - mean) * (value - mean))
                .sum();
        return values.size() < 2 ? 0 : Math.sqrt(squares / (values.size() - 1));
    }

    /**
     * Returns these values over others, pair by pair.
     *
     * @param others as many values
     * @return the ratios
     * @throws IllegalArgumentException if there are not as many
     */
    public Samples over(Samples others) {
        if (others.values.size() != values.size()) {
            throw new IllegalArgumentException(values.size() + " values over " + others.values.size());
        }
        return new Samples(IntStream.range(0, values.size())
                .mapToObj(i -> values.get(i) / others.values.get(i))
                .toList());
    }
}
