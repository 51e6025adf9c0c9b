package dev.skald.runtime.engine;

import dev.skald.runtime.calibration.InputListener;
import java.util.Arrays;
import java.util.List;

/** Rows to compute: each a token, its sequence, its position, and whether its logits are wanted. */
public final class Batch {
    private int size;
    private int wanted;
    private int[] tokens;
    private int[] sequences;
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
        sequences = new int[capacity];
        positions = new int[capacity];
        logits = new boolean[capacity];
    }

    public void add(int token, int sequence, int position, boolean wantLogits) {
        if (size == tokens.length) {
            int capacity = Math.max(8, 2 * size);
            tokens = Arrays.copyOf(tokens, capacity);
            sequences = Arrays.copyOf(sequences, capacity);
            positions = Arrays.copyOf(positions, capacity);
            logits = Arrays.copyOf(logits, capacity);
        }
        tokens[size] = token;
        sequences[size] = sequence;
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

    public int sequence(int row) {
        return sequences[row];
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

    /** Tells the listener, if there is one, what all rows are going to multiply some matrices of a block by. */
    public void tell(int block, List<String> matrices, float[] x, int columns) {
        if (listener != null) {
            List<String> tensors = matrices.stream()
                    .map(name -> "blk." + block + "." + name + ".weight")
                    .toList();
            listener.multiplying(tensors, x, size, columns);
        }
    }
}
