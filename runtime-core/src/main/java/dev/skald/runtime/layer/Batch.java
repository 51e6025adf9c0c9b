package dev.skald.runtime.layer;

import dev.skald.gguf.GgufFile;
import dev.skald.runtime.calibration.InputListener;
import dev.skald.runtime.state.SequenceState;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The rows of one forward pass, from any number of sessions. A row has a token, a sequence, a position and what the caller
 * wants of it.
 *
 * <p>Single rows come first, then the rows of prompts. The result of a single row does not depend on the number of rows beside
 * it: its products use kernels that sum each row alone, and it attends alone. A prompt's rows are computed as panels, where no
 * row's result depends on where the prompt is cut. So a sequence's results are the same to the bit whatever else is in the
 * batch.
 */
public final class Batch {
    private int size;
    private int singles;
    private int[] tokens;
    private SequenceState[] states;
    private int[] positions;
    private Want[] wants;
    private final InputListener listener;

    public Batch(int capacity) {
        this(capacity, null);
    }

    /** Creates a batch whose matrix inputs go to a listener; null for none. */
    public Batch(int capacity, InputListener listener) {
        this.listener = listener;
        tokens = new int[capacity];
        states = new SequenceState[capacity];
        positions = new int[capacity];
        wants = new Want[capacity];
    }

    /** Adds a single row. Single rows come before the rows of prompts. */
    public void addSingle(int token, SequenceState state, int position, Want want) {
        if (singles < size) {
            throw new IllegalStateException("single rows come before those of prompts");
        }
        add(token, state, position, want);
        singles++;
    }

    /** Adds a row of a prompt. */
    public void add(int token, SequenceState state, int position, Want want) {
        if (size == tokens.length) {
            int capacity = Math.max(8, 2 * size);
            tokens = Arrays.copyOf(tokens, capacity);
            states = Arrays.copyOf(states, capacity);
            positions = Arrays.copyOf(positions, capacity);
            wants = Arrays.copyOf(wants, capacity);
        }
        tokens[size] = token;
        states[size] = state;
        positions[size] = position;
        wants[size] = want;
        size++;
    }

    public int size() {
        return size;
    }

    /** Returns how many of the first rows are single rows. */
    public int singles() {
        return singles;
    }

    /** Returns how many rows want something. */
    public int wanted() {
        return size - wanting(Want.NOTHING);
    }

    /** Returns how many rows want this. */
    public int wanting(Want want) {
        return wanting(want, size);
    }

    /** Returns how many single rows want this. */
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

    SequenceState state(int row) {
        return states[row];
    }

    /** The adapters that a row is computed with; null for none. */
    Adapters adapters(int row) {
        return states[row].pool().origin() instanceof Adapters adapters ? adapters : null;
    }

    /** The files that a pass reads: the model's, and those of the rows' adapters. */
    public List<GgufFile> files(GgufFile model) {
        Set<GgufFile> files = new LinkedHashSet<>(List.of(model));
        for (int row = 0; row < size; row++) {
            Adapters adapters = adapters(row);
            if (adapters != null) {
                adapters.uses().forEach(use -> files.add(use.deltas().file()));
            }
        }
        return List.copyOf(files);
    }

    /** Whether a row continues the sequence of the row before it. Such rows attend together. */
    public boolean follows(int row) {
        return row > singles && states[row] == states[row - 1] && positions[row] == positions[row - 1] + 1;
    }

    /** Whether a listener gets the inputs of the matrices, so that no row may be left out. */
    public boolean hasListener() {
        return listener != null;
    }

    /** Gives the listener the inputs of some matrices, or of one expert's, for some rows (usually all). */
    void tell(List<String> tensors, Linear.Expert expert, float[] x, int rows, int columns) {
        if (expert == null) {
            listener.multiplying(tensors, x, rows, columns);
        } else if (rows > 0) {
            listener.multiplyingExpert(tensors, expert.index(), expert.count(), x, rows, columns);
        }
    }
}
