package dev.skald.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ctrl-C and SIGTERM end the process at once. Work that would leave a half-written file or a child process behind is
 * interrupted first, and gets a moment for its {@code finally}.
 */
final class TidyExit {
    private static final long PATIENCE_SECONDS = 5;

    /** Work that returns a value or throws one kind of exception. */
    interface Work<T, E extends Exception> {
        T run() throws E;
    }

    private TidyExit() {}

    /**
     * Runs work that must not be cut off.
     *
     * @param work ends soon after its thread is interrupted, and cleans up
     * @return the result of the work
     */
    static <T, E extends Exception> T letFinish(Work<T, E> work) throws E {
        Thread worker = Thread.currentThread();
        CountDownLatch finished = new CountDownLatch(1);
        Thread hook = new Thread(() -> interruptAndAwait(worker, finished), "skald-tidy-exit");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            return work.run();
        } finally {
            finished.countDown();
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException endingAlready) {
                // The shutdown hook has waited for this work, and has done its part.
            }
        }
    }

    private static void interruptAndAwait(Thread worker, CountDownLatch finished) {
        worker.interrupt();
        try {
            finished.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException impatient) {
            Thread.currentThread().interrupt();
        }
    }
}
