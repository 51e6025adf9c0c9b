package dev.skald.runtime.layer;

import dev.skald.runtime.InputListener;
import dev.skald.runtime.state.SequenceState;
import java.util.Arrays;
import java.util.List;

/** Rows to compute: each a token, what is remembered of its sequence, its position, and whether its logits are wanted. */
public final class Batch {
    private int size;
    private int wanted;
    private int[] tokens;
    private SequenceState[] states;
    private int[] positions;
    private boolean[] logits;
    private final InputListener listener;

    public Batch(int capacity) {
        this(capacity, null);
    }

    /** With who is told what the rows are multiplied by; null for nobody. */
    public Batch(int capacity, InputListener listener) {
        this.listener = listener;
        tokens = new int[capacity];
        states = new SequenceState[capacity];
        positions = new int[capacity];
        logits = new boolean[capacity];
    }

    public void add(int token, SequenceState state, int position, boolean wantLogits) {
        if (size == tokens.length) {
            int capacity = Math.max(8, 2 * size);
            tokens = Arrays.copyOf(tokens, capacity);
            states = Arrays.copyOf(states, capacity);
            positions = Arrays.copyOf(positions, capacity);
            logits = Arrays.copyOf(logits, capacity);
        }
        tokens[size] = token;
        states[size] = state;
        positions[size] = position;
        logits[size] = wantLogits;
        size++;
        if (wantLogits) {
            wanted++;
        }
    }

    public int size() {
        return size;
    }

    /** How many rows want their logits. */
    public int wanted() {
        return wanted;
    }

    public int token(int row) {
        return tokens[row];
    }

    public SequenceState state(int row) {
        return states[row];
    }

    public int position(int row) {
        return positions[row];
    }

    public boolean wantsLogits(int row) {
        return logits[row];
    }

    /** Whether somebody is told what all rows are multiplied by, so that none may be left out. */
    public boolean hasListener() {
        return listener != null;
    }

    /** Tells the listener what some rows, as a rule all, are going to multiply some matrices by, which may be an expert's. */
    void tell(List<String> tensors, Linear.Expert expert, float[] x, int rows, int columns) {
        if (expert == null) {
            listener.multiplying(tensors, x, rows, columns);
        } else if (rows > 0) {
            listener.multiplyingExpert(tensors, expert.index(), expert.count(), x, rows, columns);
        }
    }
}
