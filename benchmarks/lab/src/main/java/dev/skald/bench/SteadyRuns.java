package dev.skald.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * Decides when repeated work has been compiled as well as it will be: when it has run for a minimum time, and the best of its
 * last three runs is at most 2 % faster than the best before them. It also ends, unsteady, after ten times the minimum time.
 */
final class SteadyRuns {
    private static final int LATEST = 3;
    private static final double STILL_FASTER = 0.98;
    private static final double PATIENCE = 10;

    private final double leastSeconds;
    private final List<Double> runs = new ArrayList<>();

    SteadyRuns(double leastSeconds) {
        this.leastSeconds = leastSeconds;
    }

    /** Records a run. */
    void add(double seconds) {
        runs.add(seconds);
    }

    boolean isOver() {
        return isSteady() || total() >= PATIENCE * leastSeconds;
    }

    boolean isSteady() {
        int split = runs.size() - LATEST;
        return split > 0 && total() >= leastSeconds && best(split, runs.size()) >= STILL_FASTER * best(0, split);
    }

    private double total() {
        return runs.stream().mapToDouble(run -> run).sum();
    }

    private double best(int from, int to) {
        return runs.subList(from, to).stream().mapToDouble(run -> run).min().orElse(Double.MAX_VALUE);
    }
}
