package dev.skald.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

/**
 * Ends the process, also when Ctrl-C or a SIGTERM does: the command is then interrupted and given a moment to delete an
 * unfinished file or end a child process.
 */
final class TidyExit {
    private static final long PATIENCE_MILLIS = 500;

    private TidyExit() {}

    static void run(IntSupplier command) {
        Thread thread = Thread.currentThread();
        CountDownLatch finished = new CountDownLatch(1);
        Thread hook = new Thread(
                () -> {
                    thread.interrupt();
                    try {
                        finished.await(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
                    } catch (InterruptedException impatient) {
                        Thread.currentThread().interrupt();
                    }
                },
                "skald-tidy-exit");
        Runtime.getRuntime().addShutdownHook(hook);
        int code = command.getAsInt();
        finished.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException endingAlready) {
            return;
        }
        System.exit(code);
    }
}
