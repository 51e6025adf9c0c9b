package dev.skald.runtime.engine;

/**
 * Has rows computed, one job at a time: a session. A caller of single rows is expected to come back with the next as
 * soon as it has chosen a token; the others wait for it a little, so that they are computed together.
 */
public final class Caller {
    // Both guarded by the scheduler's lock.

    /** Whether it came back soon when its last rows were ready. */
    boolean quick = true;

    /** When that was, by {@link System#nanoTime}; 0 before the first. */
    long ready;
}
