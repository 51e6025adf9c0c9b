package dev.skald.runtime.engine;

/**
 * How long steps take, and how many rows of prompts so fit into one while others generate text. Measured as steps are computed, for
 * this model on this machine. Whatever it says changes no result, only who waits how long.
 */
final class Pace {
    /**
     * What a step may take while others wait for their next token. One that has just missed it waits for this and its own, each of
     * which may take somewhat longer than expected: a quarter of a second in all.
     */
    private static final double SHARED_SECONDS = 0.08;

    /** The share of a step that a prompt gets in any case, where single rows alone take longer than that. */
    private static final double LEAST_SHARE = 0.25;

    /** Fewer rows are hardly faster: kernels multiply by so many side by side. */
    private static final int LEAST_ROWS = 12;

    /** The weight of the latest measurement. */
    private static final double LATEST = 0.3;

    private double secondsOfSingles;
    private double secondsOfRow;

    /** Counts a step. */
    void add(int singles, int promptRows, double seconds) {
        if (promptRows == 0) {
            secondsOfSingles = mean(secondsOfSingles, seconds);
        } else {
            double rest = seconds - (singles == 0 ? 0 : secondsOfSingles);
            secondsOfRow = mean(secondsOfRow, Math.max(0, rest) / promptRows);
        }
    }

    private static double mean(double before, double latest) {
        return before == 0 ? latest : before + LATEST * (latest - before);
    }

    /** How many rows of prompts a step may have while others generate. */
    int sharedRows() {
        double seconds = Math.max(SHARED_SECONDS - secondsOfSingles, LEAST_SHARE * secondsOfSingles);
        return secondsOfRow == 0 ? LEAST_ROWS : (int) Math.clamp(seconds / secondsOfRow, LEAST_ROWS, 1 << 16);
    }
}
