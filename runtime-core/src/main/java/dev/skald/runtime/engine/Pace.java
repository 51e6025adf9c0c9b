package dev.skald.runtime.engine;

/**
 * How long steps take, and so how many rows of prompts fit into a step while others generate text. It is measured for this
 * model on this machine while steps are computed. It changes no result, only who waits how long.
 */
final class Pace {
    /**
     * What a step may take while others wait for their next token. One that has just missed it waits for this and its own, each of
     * which may take somewhat longer than expected: a quarter of a second in all.
     */
    private static final double SHARED_SECONDS = 0.08;

    /** The share of a step that prompts get in any case, even if single rows alone take longer than that. */
    private static final double LEAST_SHARE = 0.25;

    /** Fewer rows would hardly be faster: kernels multiply this many side by side. More would take too long after a long text. */
    private static final int LEAST_ROWS = 6;

    /** The weight of the latest measurement. */
    private static final double LATEST = 0.3;

    private double secondsOfSingles;
    private double secondsOfRow;

    /** Records a step. */
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

    /** Returns how many rows of prompts a step may have while others generate. */
    int sharedRows() {
        double seconds = Math.max(SHARED_SECONDS - secondsOfSingles, LEAST_SHARE * secondsOfSingles);
        return secondsOfRow == 0 ? LEAST_ROWS : (int) Math.clamp(seconds / secondsOfRow, LEAST_ROWS, 1 << 16);
    }
}
