package dev.skald.kernels.machine;

import java.util.Arrays;

/**
 * How far ahead weights are best fetched into the caches, where they are read from memory: which of two distances that is depends
 * on the processor, the size of its pages, and who else reads. Calls take turns until each has been timed often enough, and then
 * the faster stays; on AMD Zen 4, with large pages, the short one read 49 GB/s where the long one read 43. It changes no result.
 */
public final class Ahead {
    /** Bytes. The first is right where caches fetch ahead by themselves, the last where they wait for a hint. */
    static final int[] DISTANCES = {256, 1024};

    /**
     * Calls of each distance: usually more than there are disturbances, and still within the first tokens of a model.
     */
    static final int CALLS = 48;

    /** Shorter calls tell more of what stands around them. */
    static final long LEAST_BYTES = 128 << 10;

    private final double[][] nanosPerByte = new double[DISTANCES.length][CALLS];
    private final int[] calls = new int[DISTANCES.length];
    private volatile int chosen;

    /** The distances that kernels for so many tokens are written for: with several tokens memory is not what they wait for. */
    static int[] distances(int tokens) {
        return tokens == 1 ? DISTANCES : new int[] {DISTANCES[0]};
    }

    /** Whether a distance has been chosen, and calls need not be timed any more. */
    public boolean isChosen() {
        return chosen != 0;
    }

    /** The distance for a call with so many tokens. */
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

    /** How long a call with one token has taken. */
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
