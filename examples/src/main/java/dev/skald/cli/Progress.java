package dev.skald.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.LongConsumer;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * A progress bar on standard error for work that turns out to take more than two seconds, when a terminal shows it.
 * Everything else sees nothing of it.
 */
final class Progress implements AutoCloseable, LongConsumer {
    private static final Duration QUIET = Duration.ofSeconds(2);
    private static final int WIDTH = 79;

    private final String task;
    private final long total;
    private final String unit;
    private final long unitSize;
    private final long start = System.nanoTime();
    private boolean decided;
    private ProgressBar bar;

    private Progress(String task, long total, String unit, long unitSize) {
        this.task = task;
        this.total = total;
        this.unit = unit;
        this.unitSize = unitSize;
    }

    static Progress ofBytes(String task, long total) {
        return new Progress(task, total, " MiB", 1L << 20);
    }

    static Progress of(String task, long total) {
        return new Progress(task, total, "", 1);
    }

    /**
     * Shows how far the work is.
     *
     * @param done how much of the total, never less than before
     */
    @Override
    public synchronized void accept(long done) {
        Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
        if (!decided && elapsed.compareTo(QUIET) > 0) {
            decided = true;
            if (Terminal.onStandardError()) {
                PrintStream err =
                        new PrintStream(new FileOutputStream(FileDescriptor.err), false, StandardCharsets.UTF_8);
                bar = new ProgressBarBuilder()
                        .setTaskName(task)
                        .setInitialMax(total)
                        .setUnit(unit, unitSize)
                        .setStyle(ProgressBarStyle.ASCII)
                        .setUpdateIntervalMillis(200)
                        .setConsumer(new ConsoleProgressBarConsumer(err, WIDTH))
                        .startsFrom(done, elapsed)
                        .build();
            }
        }
        if (bar != null) {
            bar.stepTo(done);
        }
    }

    @Override
    public synchronized void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
