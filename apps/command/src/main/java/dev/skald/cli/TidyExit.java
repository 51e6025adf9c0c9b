package dev.skald.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ctrl-C and SIGTERM end the process at once, except for work that would leave something behind, a half-written file or
 * a child process: that is interrupted and given a moment for its {@code finally}.
 */
final class TidyExit {
    private static final long PATIENCE_SECONDS = 5;

    /** Work that returns a value or fails in one way. */
    interface Work<T, E extends Exception> {
        T run() throws E;
    }

    private TidyExit() {}

    /**
     * Runs work that must not just be cut off.
     *
     * @param work ends soon after its thread is interrupted, and tidies up
     * @return what the work returns
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
                // Then the hook has been waiting for us, and has done its part.
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
