package dev.skald.kernels;

import java.util.concurrent.atomic.AtomicInteger;

/** Lets workers into a call. The caller waits for those who are inside, and for no one who comes late. */
final class Gate {
    /** A bit of {@link #inside}: nobody enters any more. */
    private static final int SHUT = 1 << 30;

    /** How often the caller looks before it gives up its processor. */
    private static final int SPINS = 1 << 14;

    private final boolean spins;

    /** How many workers are inside. */
    private final AtomicInteger inside = new AtomicInteger(SHUT);

    /** Creates a gate that is shut. */
    Gate(boolean spins) {
        this.spins = spins;
    }

    /** Lets workers in; what was written before is visible to them. */
    void open() {
        inside.set(0);
    }

    /** Enters, and returns true, if the gate is open. */
    boolean enter() {
        int count = inside.get();
        while (count < SHUT) {
            if (inside.compareAndSet(count, count + 1)) {
                return true;
            }
            count = inside.get();
        }
        return false;
    }

    void leave() {
        inside.getAndDecrement();
    }

    /** Lets nobody in any more, and returns when all have left. */
    void shut() {
        inside.getAndAdd(SHUT);
        for (int spun = 0; inside.get() != SHUT; spun++) {
            if (spun < SPINS && spins) {
                Thread.onSpinWait();
            } else {
                Thread.yield();
            }
        }
    }
}
