package dev.skald.runtime.layer;

import dev.skald.kernels.attention.KvLayer;
import dev.skald.runtime.calibration.InputListener;
import dev.skald.runtime.state.KvCache;
import java.util.Arrays;
import java.util.List;

/**
 * Rows to compute, of sequences of any number of sessions: each a token, its sequence, its position, and what is wanted of it.
 *
 * <p>Single rows come first, then the rows of prompts. A single row is computed in such a way that its numbers don't depend on how
 * many rows there are beside it: its products by kernels that add for each row alone, its attention for itself. A prompt's rows
 * are computed as panels, in which each row's numbers don't depend on where the prompt is cut. So a sequence's numbers are the
 * same to the bit whatever else is in the batch.
 */
public final class Batch {
    private int size;
    private int singles;
    private int[] tokens;
    private KvCache[] caches;
    private int[] sequences;
    private int[] positions;
    private Want[] wants;
    private final InputListener listener;

    public Batch(int capacity) {
        this(capacity, null);
    }

    /** With who is told what the rows are multiplied by; null for nobody. */
    public Batch(int capacity, InputListener listener) {
        this.listener = listener;
        tokens = new int[capacity];
        caches = new KvCache[capacity];
        sequences = new int[capacity];
        positions = new int[capacity];
        wants = new Want[capacity];
    }

    /** Adds a row by itself; before any of a prompt. */
    public void addSingle(int token, KvCache cache, int sequence, int position, Want want) {
        if (singles < size) {
            throw new IllegalStateException("single rows come before those of prompts");
        }
        add(token, cache, sequence, position, want);
        singles++;
    }

    /** Adds a row of a prompt. The texts of all rows are turned by the same ropes. */
    public void add(int token, KvCache cache, int sequence, int position, Want want) {
        if (size == tokens.length) {
            int capacity = Math.max(8, 2 * size);
            tokens = Arrays.copyOf(tokens, capacity);
            caches = Arrays.copyOf(caches, capacity);
            sequences = Arrays.copyOf(sequences, capacity);
            positions = Arrays.copyOf(positions, capacity);
            wants = Arrays.copyOf(wants, capacity);
        }
        tokens[size] = token;
        caches[size] = cache;
        sequences[size] = sequence;
        positions[size] = position;
        wants[size] = want;
        size++;
    }

    public int size() {
        return size;
    }

    /** How many of the first rows are single ones. */
    public int singles() {
        return singles;
    }

    /** How many rows want something. */
    public int wanted() {
        return size - wanting(Want.NOTHING);
    }

    /** How many rows want this. */
    public int wanting(Want want) {
        return wanting(want, size);
    }

    /** How many single rows want this. */
    int singlesWanting(Want want) {
        return wanting(want, singles);
    }

    private int wanting(Want want, int rows) {
        int count = 0;
        for (int row = 0; row < rows; row++) {
            count += wants[row] == want ? 1 : 0;
        }
        return count;
    }

    public int token(int row) {
        return tokens[row];
    }

    public int position(int row) {
        return positions[row];
    }

    public Want want(int row) {
        return wants[row];
    }

    /** How many positions a row's text may have. */
    int contextLength() {
        return caches[0].contextLength();
    }

    /** The keys and values of a row's sequence, layer by layer. */
    List<KvLayer> layers(int row) {
        return caches[row].layers(sequences[row]);
    }

    /** Whether a row goes on with the sequence of the row before it, so that they can attend together. */
    public boolean follows(int row) {
        return row > singles
                && caches[row] == caches[row - 1]
                && sequences[row] == sequences[row - 1]
                && positions[row] == positions[row - 1] + 1;
    }

    /** Whether somebody is told what all rows are multiplied by, so that none may be left out. */
    public boolean hasListener() {
        return listener != null;
    }

    /** Tells the listener what all rows are going to multiply some matrices by. */
    void tell(List<String> tensors, float[] x, int rows, int columns) {
        listener.multiplying(tensors, x, rows, columns);
    }
}
