package dev.skald.bench.lab;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;

/**
 * One axis of a plot.
 *
 * @param least the value at {@code from}
 * @param most the value at {@code to}
 * @param logarithmic whether equal ratios have equal lengths
 * @param from where the axis begins, in the picture's units
 * @param to where it ends
 */
record Axis(double least, double most, boolean logarithmic, double from, double to) {
    double at(double value) {
        double share =
                logarithmic ? Math.log(value / least) / Math.log(most / least) : (value - least) / (most - least);
        return from + share * (to - from);
    }

    /** Returns at most {@code count} round values within the axis. */
    List<Double> ticks(int count) {
        return logarithmic ? logarithmicTicks(count) : linearTicks(count);
    }

    private List<Double> linearTicks(int count) {
        double step = Math.pow(10, Math.floor(Math.log10((most - least) / count)));
        for (double factor : new double[] {1, 2, 5, 10}) {
            if ((most - least) / (factor * step) <= count) {
                step *= factor;
                break;
            }
        }
        List<Double> ticks = new ArrayList<>();
        for (long i = (long) Math.ceil(least / step); i * step <= most; i++) {
            ticks.add(i * step);
        }
        return ticks;
    }

    private List<Double> logarithmicTicks(int count) {
        List<Double> ticks = List.of();
        for (int[] factors : new int[][] {{1, 2, 5}, {1, 3}, {1}}) {
            ticks = new ArrayList<>();
            for (int power = (int) Math.floor(Math.log10(least)); Math.pow(10, power) <= most; power++) {
                for (int factor : factors) {
                    double value = factor * Math.pow(10, power);
                    if (value >= least && value <= most) {
                        ticks.add(value);
                    }
                }
            }
            if (ticks.size() <= count) {
                return ticks;
            }
        }
        return ticks;
    }

    static String text(double tick) {
        BigDecimal rounded = new BigDecimal(tick).round(new MathContext(6)).stripTrailingZeros();
        if (rounded.signum() == 0) {
            return "0";
        }
        int exponent = rounded.precision() - rounded.scale() - 1;
        // Written out, a smaller number would not fit beside the plot.
        return exponent < -4
                ? rounded.scaleByPowerOfTen(-exponent).toPlainString() + "e" + exponent
                : rounded.toPlainString();
    }
}
