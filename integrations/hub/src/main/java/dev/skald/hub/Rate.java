package dev.skald.hub;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/** The transfer rate of the last seconds. */
final class Rate {
    private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final double SHORTEST_SECONDS = 0.5;

    private record Sample(long nanos, long bytes) {}

    private final Deque<Sample> samples = new ArrayDeque<>();

    /** Returns the bytes per second; 0 in the first half second. */
    double at(long nanos, long bytes) {
        samples.addLast(new Sample(nanos, bytes));
        while (nanos - samples.getFirst().nanos > WINDOW_NANOS) {
            samples.removeFirst();
        }
        double seconds = (nanos - samples.getFirst().nanos) * 1e-9;
        return seconds < SHORTEST_SECONDS ? 0 : Math.max(0, (bytes - samples.getFirst().bytes) / seconds);
    }
}
