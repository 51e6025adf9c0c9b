package dev.skald.runtime.session;

import dev.skald.kernels.attention.KvLayout;
import dev.skald.runtime.state.PagePool;
import dev.skald.runtime.state.SequenceState;
import java.util.Arrays;

/**
 * A sequence of a session: its tokens and the network's state. Between computations, it has as many tokens as its state has
 * positions.
 */
final class Sequence implements AutoCloseable {
    /** The mark of a position whose keys and values depend on more than the tokens. */
    private static final int UNKNOWN = -1;

    private final SequenceState state;
    private final Prefixes prefixes;
    private int[] tokens = new int[64];

    /** For each position, the mark that determines, with those before it, its keys and values: see {@link Prefixes#mark}. */
    private int[] marks = new int[64];

    private int size;

    /** Creates an empty sequence. */
    Sequence(PagePool pool, int contextLength, Prefixes prefixes) {
        this.state = new SequenceState(pool, contextLength);
        this.prefixes = prefixes;
    }

    SequenceState state() {
        return state;
    }

    /** Returns how many tokens it has. */
    int size() {
        return size;
    }

    int token(int position) {
        return tokens[position];
    }

    int[] tokens() {
        return Arrays.copyOf(tokens, size);
    }

    /** Adds a token whose row has been computed. */
    void add(int token, boolean single) {
        add(token, prefixes.mark(token, single));
    }

    /** Adds a token whose keys and values are there, but may depend on more than the tokens. */
    void addUnknown(int token) {
        add(token, UNKNOWN);
    }

    private void add(int token, int mark) {
        if (size == tokens.length) {
            tokens = Arrays.copyOf(tokens, 2 * size);
            marks = Arrays.copyOf(marks, 2 * size);
        }
        tokens[size] = token;
        marks[size] = mark;
        size++;
    }

    /**
     * Forgets the positions from one on.
     *
     * @return false if what is needed to continue from there has not been kept; the sequence then stays as it was
     */
    boolean rollback(int length) {
        if (!state.rollback(length)) {
            return false;
        }
        size = Math.min(size, length);
        return true;
    }

    /**
     * Removes positions, like {@link SequenceState#remove}.
     *
     * @return false if the sequence stays as it was
     */
    boolean remove(int from, int count) {
        int[] rest = Arrays.copyOfRange(tokens, from + count, size);
        if (!state.remove(from, count)) {
            return false;
        }
        if (count > 0) {
            size = from;
            for (int token : rest) {
                addUnknown(token);
            }
        }
        return true;
    }

    /** Makes it a copy of another sequence, whose memory it shares. */
    void become(Sequence other) {
        state.become(other.state);
        tokens = other.tokens.clone();
        marks = other.marks.clone();
        size = other.size;
    }

    /**
     * Extends it from the cache, if the cache has a text that begins with its tokens.
     *
     * @param more the tokens that follow, from a prompt
     * @param most how many of them may be taken
     * @return how many were taken
     */
    int take(int[] more, int most) {
        if (prefixes.cache() == null || most == 0 || known() < size) {
            return 0;
        }
        int[] wanted = Arrays.copyOf(marks, size + most);
        for (int i = 0; i < most; i++) {
            wanted[size + i] = prefixes.mark(more[i], false);
        }
        prefixes.cache().take(state, wanted, prefixes.unit());
        int taken = state.length() - size;
        for (int i = 0; i < taken; i++) {
            add(more[i], false);
        }
        return taken;
    }

    /** Adds its contents to the cache, except for what depends on more than its tokens. */
    void leave() {
        if (prefixes.cache() != null) {
            state.checkpointEnd();
        }
        leave(known());
    }

    /** Adds what is about to be cut off to the cache, if it is worth keeping. */
    void leaveWhatIsCutOff(int length) {
        if (size - length >= KvLayout.POSITIONS) {
            leave();
        }
    }

    /** Adds its full pages to the cache. */
    void leaveFullPages() {
        leave(known() / KvLayout.POSITIONS * KvLayout.POSITIONS);
    }

    /**
     * Marks where of a prompt that is about to be read the next text is likely to part from this one, or to go on: recurrent
     * layers can begin there only.
     *
     * @param end where the prompt ends
     * @param last how many tokens at its end are likely to change
     */
    void checkpoints(int end, int last) {
        state.checkpoint(size);
        state.checkpoint(end - last);
        if (prefixes.cache() != null && !state.recurrent().isEmpty()) {
            state.checkpoint((end - last) / prefixes.unit() * prefixes.unit());
            state.checkpoint(end);
            int apart = state.checkpointDistance();
            for (long at = (size / apart + 1L) * apart; at < end; at += apart) {
                state.checkpoint((int) at);
            }
        }
    }

    private void leave(int length) {
        if (prefixes.cache() != null) {
            prefixes.cache().put(state, marks, length);
        }
    }

    /** Returns how many positions from the first on depend only on their tokens. */
    private int known() {
        int known = 0;
        while (known < size && marks[known] != UNKNOWN) {
            known++;
        }
        return known;
    }

    @Override
    public void close() {
        state.close();
        size = 0;
    }
}
