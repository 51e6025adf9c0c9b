package dev.skald.kernels.machine;

import java.util.Arrays;

/**
 * Chooses how far ahead weights are prefetched when they come from memory. Which of two distances is better depends on the
 * processor, the size of its pages, and other readers. Calls alternate between the two until each has been timed often enough;
 * then the faster one stays. On AMD Zen 4 with large pages, the short distance read 49 GB/s and the long one 43. The choice
 * changes no result.
 */
public final class Ahead {
    /** In bytes. The first suits caches that prefetch by themselves, the last suits caches that wait for a hint. */
    static final int[] DISTANCES = {256, 1024};

    /**
     * Calls of each distance: more than there usually are disturbances, and still within the first tokens of a model.
     */
    static final int CALLS = 48;

    /** Shorter calls measure more of their surroundings than of the reads. */
    static final long LEAST_BYTES = 128 << 10;

    private final double[][] nanosPerByte = new double[DISTANCES.length][CALLS];
    private final int[] calls = new int[DISTANCES.length];
    private volatile int chosen;

    /** Returns the distances of kernels for so many tokens. With several tokens, kernels do not wait for memory. */
    static int[] distances(int tokens) {
        return tokens == 1 ? DISTANCES : new int[] {DISTANCES[0]};
    }

    /** Returns whether a distance has been chosen, so that calls no longer need to be timed. */
    public boolean isChosen() {
        return chosen != 0;
    }

    /** Returns the distance for a call with so many tokens. */
    public int distance(int tokens) {
        return tokens > 1 ? DISTANCES[0] : isChosen() ? chosen : next();
    }

    private synchronized int next() {
        int next = 0;
        for (int i = 1; i < calls.length; i++) {
            if (calls[i] < calls[next]) {
                next = i;
            }
        }
        return DISTANCES[next];
    }

    /** Records how long a call with one token has taken. */
    public synchronized void took(int distance, long bytes, long nanos) {
        int which = Arrays.binarySearch(DISTANCES, distance);
        if (chosen != 0 || bytes < LEAST_BYTES || calls[which] == CALLS) {
            return;
        }
        nanosPerByte[which][calls[which]++] = (double) nanos / bytes;
        if (Arrays.stream(calls).allMatch(n -> n == CALLS)) {
            int best = 0;
            for (int i = 1; i < DISTANCES.length; i++) {
                if (median(nanosPerByte[i]) < median(nanosPerByte[best])) {
                    best = i;
                }
            }
            chosen = DISTANCES[best];
        }
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
