package dev.skald.runtime.engine;

import dev.skald.runtime.calibration.InputListener;
import dev.skald.runtime.layer.Want;
import dev.skald.runtime.state.SequenceState;
import java.util.BitSet;
import java.util.concurrent.locks.Condition;
import java.util.function.BooleanSupplier;

/** Rows that a caller wants computed, in one step or, if there are many, in several. */
public final class Job {
    /** Prompts of at most this many rows are computed as single rows, because panels would not make them faster. */
    public static final int MOST_SINGLES = 8;

    /** How rows belong together. */
    public enum Form {
        /** Each row is of another sequence. */
        APART,
        /** The rows are consecutive tokens of one sequence. */
        TOGETHER,
        /** The rows are consecutive tokens of some sequences; few rows are computed in the same way as many. */
        TEXTS
    }

    /**
     * The rows, in the order in which they are computed.
     *
     * @param states the state of each row's sequence
     * @param from the first row of which something is wanted
     * @param wanted which rows from there on want something; null for all
     * @param want what they want
     * @param form how they belong together
     */
    public record Rows(
            SequenceState[] states, int[] tokens, int[] positions, int from, BitSet wanted, Want want, Form form) {
        /** Rows of which something is wanted, from an index on. */
        public Rows(SequenceState[] states, int[] tokens, int[] positions, int from, Want want, boolean together) {
            this(states, tokens, positions, from, null, want, together ? Form.TOGETHER : Form.APART);
        }

        int count() {
            return tokens.length;
        }

        /** Whether each row is computed as a single row. This depends only on the number of rows that the caller gave. */
        public boolean single() {
            return form == Form.APART || form == Form.TOGETHER && count() <= MOST_SINGLES;
        }

        Want want(int row) {
            return row >= from && (wanted == null || wanted.get(row)) ? want : Want.NOTHING;
        }
    }

    /** Where results are written. */
    public interface Room {
        /** Returns how many rows there is room for at a time. */
        int rows();

        /** Returns an array for the results of so many rows. */
        float[] array(int count);
    }

    final Caller caller;
    final Rows rows;
    final Room room;
    final InputListener listener;

    /** Whether all rows must be in one step, because each sees the others of its sequence. */
    final boolean whole;

    private final BooleanSupplier cancelled;

    /** Signalled when a step with this job has ended. */
    final Condition changed;

    // Guarded by the scheduler's lock.
    private int next;
    private int end;
    private int ready;
    private float[] results;
    private boolean settled;
    private Throwable failure;

    /** Whether it is computed alone, because a step together with others failed. */
    boolean alone;

    Job(
            Caller caller,
            Rows rows,
            Room room,
            InputListener listener,
            boolean whole,
            BooleanSupplier cancelled,
            Condition changed) {
        this.caller = caller;
        this.rows = rows;
        this.room = room;
        this.listener = listener;
        this.whole = whole;
        this.cancelled = cancelled;
        this.changed = changed;
        this.alone = listener != null;
    }

    /** Whether there are rows left to compute. */
    public boolean hasMore() {
        return end < rows.count();
    }

    /** Returns the first row of the last step. */
    public int start() {
        return next;
    }

    /** Returns how many rows have been computed, including those of the last step. */
    public int done() {
        return end;
    }

    /** Returns how many rows of the last step have results. */
    public int wanted() {
        int first = Math.max(next, rows.from);
        if (rows.wanted != null && first < end) {
            return rows.wanted.get(first, end).cardinality();
        }
        return Math.max(0, end - first);
    }

    /** Returns the results of the last step, in the order of the rows that want something. */
    public float[] results() {
        return results;
    }

    /** Called only on the caller's own thread. */
    boolean cancelled() {
        return cancelled.getAsBoolean();
    }

    /** Called before it waits for its next step. */
    void renew() {
        next = end;
        settled = false;
        failure = null;
        results = null;
    }

    /**
     * Takes at most so many rows into a step, or all rows if they belong in one step.
     *
     * @param unit if it is more than 1, the job takes whole units of this many positions (at least one), or the rows before or
     *     after them
     * @return how many rows were taken
     */
    int take(int most, int unit) {
        int limit = limit();
        int begun = rows.positions[next] % unit;
        if (whole) {
            end = rows.count();
        } else if (unit == 1) {
            end = Math.min(limit, next + Math.min(most, limit - next));
        } else if (begun == 0 && limit - next >= unit) {
            end = next + Math.clamp(most, unit, limit - next) / unit * unit;
        } else {
            end = Math.min(limit, next + unit - begun);
        }
        return end - next;
    }

    /**
     * Extends the sequences of rows before they are computed. Windows may then forget positions before these rows.
     *
     * @param end the first row that is not extended
     */
    public void ready(int end) {
        ready = end;
    }

    /** Returns where the next step may end. Results are cut only where the job alone decides. */
    private int limit() {
        long filled = Math.max(0, next - rows.from) / room.rows();
        return (int) Math.min(ready, rows.from + (filled + 1) * (long) room.rows());
    }

    void untake() {
        end = next;
    }

    boolean isSettled() {
        return settled;
    }

    void settle(float[] results, Throwable failure) {
        this.results = results;
        this.failure = failure;
        if (failure != null) {
            end = next;
        }
        settled = true;
        changed.signal();
    }

    void rethrow() {
        switch (failure) {
            case null -> {}
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new AssertionError("a forward pass throws nothing checked", failure);
        }
    }
}
