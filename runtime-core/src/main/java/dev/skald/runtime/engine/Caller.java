package dev.skald.runtime.engine;

/**
 * Someone who has rows computed, one job at a time: a session. A caller of single rows usually returns with the next row as
 * soon as it has chosen a token, so others wait for it a little and are computed together with it.
 */
public final class Caller {
    // Both are guarded by the scheduler's lock.

    /** Whether it returned soon after its last rows were ready. */
    boolean quick = true;

    /** When they were ready, by {@link System#nanoTime}; 0 before the first. */
    long ready;
}
