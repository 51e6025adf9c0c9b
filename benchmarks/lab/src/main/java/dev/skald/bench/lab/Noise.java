package dev.skald.bench.lab;

import dev.skald.runtime.measure.Estimate;
import java.util.List;
import java.util.function.Function;

/**
 * Decides which differences between types count: two values differ if they are further apart than twice the standard error of
 * their difference. That happens by chance in about one case of twenty.
 */
final class Noise {
    private static final double ERRORS = 2;

    /** Speeds vary at least by this share from run to run, even if a few repetitions vary less. */
    private static final double SPEED = 0.02;

    /** A smaller divergence comes from rounding alone; types below it are equally close to the source. */
    static final double LEAST_KL = 5e-5;

    private Noise() {}

    /** The divergence, or {@link #LEAST_KL} if it is smaller. */
    static Estimate divergence(Measured type) {
        return new Estimate(
                Math.max(LEAST_KL, type.quality().kl()), type.quality().klError());
    }

    static Estimate agreement(Measured type) {
        return new Estimate(type.quality().sameTop(), type.quality().sameTopError());
    }

    static Estimate prompt(Measured type) {
        return speed(type.speed().prompt(), type.speed().promptDeviation());
    }

    static Estimate generation(Measured type) {
        return speed(type.speed().generation(), type.speed().generationDeviation());
    }

    private static Estimate speed(double mean, double deviation) {
        return new Estimate(mean, Math.max(deviation, SPEED * mean));
    }

    /** Whether a value is lower than another beyond the noise. */
    static boolean below(Estimate lower, Estimate higher) {
        return higher.value() - lower.value() > ERRORS * Math.hypot(lower.error(), higher.error());
    }

    /**
     * Returns the types that cannot be distinguished from the one with the lowest value; a single one if it is clearly the
     * lowest.
     */
    static List<Measured> lowest(List<Measured> types, Function<Measured, Estimate> value) {
        return extreme(types, value, -1);
    }

    /** Returns the types that cannot be distinguished from the one with the highest value. */
    static List<Measured> highest(List<Measured> types, Function<Measured, Estimate> value) {
        return extreme(types, value, 1);
    }

    private static List<Measured> extreme(List<Measured> types, Function<Measured, Estimate> value, int sign) {
        Measured extreme = null;
        for (Measured type : types) {
            if (extreme == null
                    || sign * value.apply(type).value()
                            > sign * value.apply(extreme).value()) {
                extreme = type;
            }
        }
        if (extreme == null) {
            return List.of();
        }
        Estimate best = value.apply(extreme);
        return types.stream()
                .filter(type -> sign > 0 ? !below(value.apply(type), best) : !below(best, value.apply(type)))
                .toList();
    }

    /** Whether a value is at most a limit, its noise included. */
    static boolean atMost(Estimate value, double limit) {
        return value.value() + ERRORS * value.error() <= limit;
    }

    /** Whether a value is at least a limit, its noise included. */
    static boolean atLeast(Estimate value, double limit) {
        return value.value() - ERRORS * value.error() >= limit;
    }

    /** Whether the perplexity cannot be distinguished from the source's. */
    static boolean samePerplexity(Measured type) {
        return Math.abs(type.quality().ratio() - 1) <= ERRORS * type.quality().ratioError();
    }
}
