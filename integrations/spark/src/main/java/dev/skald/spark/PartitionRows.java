package dev.skald.spark;

import dev.skald.runtime.Model;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.util.TaskCompletionListener;

/**
 * The rows of a task with their results, in order. Some rows are computed ahead of Spark's requests, so that they share
 * batches.
 */
final class PartitionRows implements Iterator<Row> {
    /**
     * How many rows wait or are complete for each one that is computed. Results leave in order, so without these a long
     * answer would soon leave the threads behind it without work.
     */
    private static final int AHEAD = 8;

    private record Ahead(Row row, Future<Row> result) {}

    private final Iterator<Row> rows;
    private final int text;
    private final int key;
    private final SkaldSpec spec;
    private final RowWork work;
    private final Deque<Ahead> ahead = new ArrayDeque<>();
    private final ExecutorService callers;
    private Model model;

    PartitionRows(Iterator<Row> rows, int text, int key, SkaldSpec spec, RowWork work) {
        this.rows = rows;
        this.text = text;
        this.key = key;
        this.spec = spec;
        this.work = work;
        // Platform threads, because a step of a model computes for a long time without a pause.
        callers = Executors.newFixedThreadPool(
                spec.parallel,
                Thread.ofPlatform().daemon().name("skald-row-", 0).factory());
        TaskContext task = TaskContext.get();
        if (task != null) {
            // If the task fails or is killed, this also ends the rows that are being computed ahead.
            TaskCompletionListener end = context -> callers.shutdownNow();
            task.addTaskCompletionListener(end);
        }
    }

    @Override
    public boolean hasNext() {
        boolean more = !ahead.isEmpty() || rows.hasNext();
        if (!more) {
            callers.shutdown();
        }
        return more;
    }

    @Override
    public Row next() {
        while (ahead.size() < AHEAD * (long) spec.parallel && rows.hasNext()) {
            begin(rows.next());
        }
        if (ahead.isEmpty()) {
            throw new NoSuchElementException();
        }
        Ahead first = ahead.removeFirst();
        Object[] values = new Object[first.row().size() + 1];
        for (int i = 0; i < first.row().size(); i++) {
            values[i] = first.row().get(i);
        }
        values[first.row().size()] = first.result() == null ? null : await(first.result());
        return RowFactory.create(values);
    }

    private void begin(Row row) {
        if (row.isNullAt(text)) {
            ahead.add(new Ahead(row, null));
            return;
        }
        if (model == null) {
            model = ExecutorModels.open(spec);
        }
        String content = row.getString(text);
        String name = String.valueOf(row.get(key));
        ahead.add(new Ahead(row, callers.submit(() -> work.run(model, content, name))));
    }

    private Row await(Future<Row> result) {
        try {
            return result.get();
        } catch (InterruptedException e) {
            callers.shutdownNow();
            Thread.currentThread().interrupt();
            throw new CancellationException("the task was interrupted");
        } catch (ExecutionException e) {
            callers.shutdownNow();
            throw new IllegalStateException("a row failed: " + e.getCause().getMessage(), e.getCause());
        }
    }
}
