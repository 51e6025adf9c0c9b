package dev.skald.runtime.engine;

import dev.skald.runtime.calibration.InputListener;
import dev.skald.runtime.layer.Want;
import dev.skald.runtime.state.SequenceState;
import java.util.BitSet;
import java.util.concurrent.locks.Condition;
import java.util.function.BooleanSupplier;

/** Rows that a caller wants computed: in one step, or in several if they are many. */
public final class Job {
    /** Up to so many rows are computed as single ones: prompts that are so short gain nothing by panels. */
    public static final int MOST_SINGLES = 8;

    /** How rows belong together. */
    public enum Form {
        /** Each is of another sequence. */
        APART,
        /** They are tokens of one sequence, one after the other. */
        TOGETHER,
        /** They are all tokens of some sequences, one after the other, and computed in the same way however few there are. */
        TEXTS
    }

    /**
     * The rows, in the order in which they are computed.
     *
     * @param states what is remembered of the sequence of each
     * @param from the first of which something is wanted
     * @param wanted of which rows from there on something is wanted; null for all
     * @param want what
     * @param form how they belong together
     */
    public record Rows(
            SequenceState[] states, int[] tokens, int[] positions, int from, BitSet wanted, Want want, Form form) {
        /** Rows of which something is wanted from one on. */
        public Rows(SequenceState[] states, int[] tokens, int[] positions, int from, Want want, boolean together) {
            this(states, tokens, positions, from, null, want, together ? Form.TOGETHER : Form.APART);
        }

        int count() {
            return tokens.length;
        }

        /** Whether each row is computed by itself, which follows from how many the caller gave and from nothing else. */
        public boolean single() {
            return form == Form.APART || form == Form.TOGETHER && count() <= MOST_SINGLES;
        }

        Want want(int row) {
            return row >= from && (wanted == null || wanted.get(row)) ? want : Want.NOTHING;
        }
    }

    /** Where results go. */
    public interface Room {
        /** How many rows there is room for at a time. */
        int rows();

        /** An array for the results of so many rows. */
        float[] array(int count);
    }

    final Caller caller;
    final Rows rows;
    final Room room;
    final InputListener listener;

    /** Whether all rows are computed in one step, because each sees the others of its sequence. */
    final boolean whole;

    private final BooleanSupplier cancelled;

    /** Signalled when something has become of the job. */
    final Condition changed;

    // Guarded by the scheduler's lock.
    private int next;
    private int end;
    private int ready;
    private float[] results;
    private boolean settled;
    private Throwable failure;

    /** Whether it is computed without others, because something went wrong together with them. */
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

    /** The first row of the last step. */
    public int start() {
        return next;
    }

    /** How many rows have been computed, those of the last step included. */
    public int done() {
        return end;
    }

    /** How many rows of the last step have results. */
    public int wanted() {
        int first = Math.max(next, rows.from);
        if (rows.wanted != null && first < end) {
            return rows.wanted.get(first, end).cardinality();
        }
        return Math.max(0, end - first);
    }

    /** The results of the last step, those of the first row that wants something first. */
    public float[] results() {
        return results;
    }

    /** Asked by the caller's own thread only. */
    boolean cancelled() {
        return cancelled.getAsBoolean();
    }

    /** Before it waits for its next step. */
    void renew() {
        next = end;
        settled = false;
        failure = null;
        results = null;
    }

    /**
     * Takes up to so many rows into a step, or all of those that belong to one.
     *
     * @param unit where it is more than 1, either whole units of this many positions are taken, and at least one, or what there is
     *     before or after them
     * @return how many
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
     * Has the sequences of rows grown before they are computed; what their windows forget then is behind all rows up to there.
     *
     * @param end the first row that is not ready
     */
    public void ready(int end) {
        ready = end;
    }

    /** How far the next step may go: results are cut at places that depend on the job only. */
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
