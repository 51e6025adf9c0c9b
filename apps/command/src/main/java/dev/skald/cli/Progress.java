package dev.skald.cli;

import dev.skald.runtime.generate.PromptProgress;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.LongConsumer;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * A progress bar on standard error for work that takes more than two seconds, if standard error is a terminal. Otherwise
 * nothing is shown.
 */
final class Progress implements AutoCloseable, LongConsumer {
    private static final Duration QUIET = Duration.ofSeconds(2);
    private static final int WIDTH = 79;

    /**
     * What the bar shows.
     *
     * @param name what is being done
     * @param total how much there is to do
     * @param unit what is counted
     * @param unitSize how much of the total makes one unit
     * @param passing whether the bar disappears at the end
     */
    record Task(String name, long total, String unit, long unitSize, boolean passing) {}

    /** Ends the line here, because the bar forgets to if it is closed before its first update. */
    private static final class WithoutEnd extends ConsoleProgressBarConsumer {
        private final PrintStream out;

        WithoutEnd(PrintStream out) {
            super(out, WIDTH);
            this.out = out;
        }

        @Override
        public void close() {
            out.flush();
        }
    }

    private final Task task;
    private final Duration quiet;
    private final BooleanSupplier watched;
    private final PrintStream out;
    private final long start = System.nanoTime();
    private boolean decided;
    private ProgressBar bar;

    Progress(Task task, Duration quiet, BooleanSupplier watched, PrintStream out) {
        this.task = task;
        this.quiet = quiet;
        this.watched = watched;
        this.out = out;
    }

    private static Progress onStandardError(Task task) {
        FileOutputStream err = new FileOutputStream(FileDescriptor.err);
        return new Progress(
                task, QUIET, Terminal::onStandardError, new PrintStream(err, false, StandardCharsets.UTF_8));
    }

    static Progress ofBytes(String task, long total) {
        return onStandardError(new Task(task, total, " MiB", 1L << 20, false));
    }

    static Progress of(String task, long total) {
        return onStandardError(new Task(task, total, "", 1, false));
    }

    /** The progress of prompts that are read one after another, each of unknown length at first. */
    static final class Reading implements PromptProgress, AutoCloseable {
        private final Function<Task, Progress> bars;
        private Progress bar;

        Reading() {
            this(Progress::onStandardError);
        }

        /** Creates a display that makes its bars in this way. */
        Reading(Function<Task, Progress> bars) {
            this.bars = bars;
        }

        @Override
        public void accept(int done, int total) {
            if (bar == null) {
                bar = bars.apply(new Task("reading", total, " tokens", 1, true));
            }
            bar.accept(done);
            if (done == total) {
                close();
            }
        }

        /** Removes the bar: the prompt has been read, or nobody waits for it any more. */
        @Override
        public void close() {
            if (bar != null) {
                bar.close();
                bar = null;
            }
        }
    }

    /**
     * Shows the progress.
     *
     * @param done how much of the total; never less than before
     */
    @Override
    public void accept(long done) {
        accept(done, "");
    }

    /**
     * Shows the progress, and the result so far.
     *
     * @param done how much of the total; never less than before
     * @param result a few words
     */
    synchronized void accept(long done, String result) {
        Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
        if (!decided && elapsed.compareTo(quiet) > 0) {
            decided = true;
            if (watched.getAsBoolean()) {
                bar = new ProgressBarBuilder()
                        .setTaskName(task.name())
                        .setInitialMax(task.total())
                        .setUnit(task.unit(), task.unitSize())
                        .setStyle(ProgressBarStyle.ASCII)
                        .setUpdateIntervalMillis(200)
                        .setConsumer(new WithoutEnd(out))
                        .startsFrom(done, elapsed)
                        .build();
            }
        }
        if (bar != null) {
            bar.setExtraMessage(result);
            bar.stepTo(done);
        }
    }

    @Override
    public synchronized void close() {
        if (bar != null) {
            bar.close();
            bar = null;
            if (task.passing()) {
                out.print("\r" + " ".repeat(WIDTH) + "\r");
            } else {
                out.println();
            }
            out.flush();
        }
    }
}
