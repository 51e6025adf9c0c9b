package dev.skald.hub;

import java.util.concurrent.CancellationException;

/** Whether a download is to end: the listener says so, the caller's thread was interrupted, or a part of it has failed. */
final class Cancel {
    private final Thread caller = Thread.currentThread();
    private final HubListener listener;
    private volatile boolean stopped;

    Cancel(HubListener listener) {
        this.listener = listener;
    }

    /** The listener is asked on the thread that it belongs to; other threads see the answer soon after. */
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
