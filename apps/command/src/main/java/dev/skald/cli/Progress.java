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
 * A progress bar on standard error for work that turns out to take more than two seconds, when a terminal shows it.
 * Everything else sees nothing of it.
 */
final class Progress implements AutoCloseable, LongConsumer {
    private static final Duration QUIET = Duration.ofSeconds(2);
    private static final int WIDTH = 79;

    /**
     * What is shown of the work.
     *
     * @param name what is done
     * @param total how much there is
     * @param unit what is counted
     * @param unitSize how much of the total makes one
     * @param passing whether nothing of it is left on the screen in the end
     */
    record Task(String name, long total, String unit, long unitSize, boolean passing) {}

    /** Leaves it to us how the line ends: the bar itself forgets to end it where it is closed before its second look. */
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

    /** How far prompts are read, one after another, each of which says itself how long it is. */
    static final class Reading implements PromptProgress, AutoCloseable {
        private final Function<Task, Progress> bars;
        private Progress bar;

        Reading() {
            this(Progress::onStandardError);
        }

        /** One that makes its bars so. */
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

        /** Takes the bar away: the prompt is read, or nobody waits for it any more. */
        @Override
        public void close() {
            if (bar != null) {
                bar.close();
                bar = null;
            }
        }
    }

    /**
     * Shows how far the work is.
     *
     * @param done how much of the total, never less than before
     */
    @Override
    public void accept(long done) {
        accept(done, "");
    }

    /**
     * Shows how far the work is, and what has come of it so far.
     *
     * @param done how much of the total, never less than before
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
