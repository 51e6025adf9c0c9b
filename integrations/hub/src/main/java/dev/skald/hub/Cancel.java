package dev.skald.hub;

import java.util.concurrent.CancellationException;

/**
 * Determines whether a download must end: the listener requests it, the caller's thread is interrupted, or a part has
 * failed.
 */
final class Cancel {
    private final Thread caller = Thread.currentThread();
    private final HubListener listener;
    private volatile boolean stopped;

    Cancel(HubListener listener) {
        this.listener = listener;
    }

    /**
     * Returns whether the download must end. The listener is asked on its own thread; other threads see its answer soon
     * after.
     */
    boolean isSet() {
        if (!stopped && Thread.currentThread() == caller && (caller.isInterrupted() || listener.cancelled())) {
            stopped = true;
        }
        return stopped;
    }

    void stop() {
        stopped = true;
    }

    void check() {
        if (isSet()) {
            throw new CancellationException("the download was cancelled; the next one continues it");
        }
    }
}
