package dev.skald.runtime.sampling;

import java.util.Arrays;
import java.util.Objects;

/**
 * The tokens of a sequence so far (prompt and generated text), oldest first. Penalties use it.
 *
 * <p>The caller adds each token when it becomes part of the text; a {@link Sampler} only reads. Not thread-safe.
 */
public final class TokenHistory {
    private int[] tokens = new int[64];
    private int size;

    /** Creates an empty history. */
    public TokenHistory() {}

    /**
     * Creates a history of the given tokens.
     *
     * @param tokens token ids, oldest first
     * @return a history that holds a copy of them
     * @throws IllegalArgumentException if an id is negative
     */
    public static TokenHistory of(int... tokens) {
        TokenHistory history = new TokenHistory();
        for (int token : tokens) {
            history.add(token);
        }
        return history;
    }

    /**
     * Adds the newest token.
     *
     * @param token a token id
     * @throws IllegalArgumentException if {@code token} is negative
     */
    public void add(int token) {
        if (token < 0) {
            throw new IllegalArgumentException("token=" + token + " at position " + size + ": a token id is 0 or more");
        }
        if (size == tokens.length) {
            tokens = Arrays.copyOf(tokens, size * 2);
        }
        tokens[size++] = token;
    }

    /**
     * Returns the number of tokens.
     *
     * @return how many tokens there are, 0 or more
     */
    public int size() {
        return size;
    }

    /**
     * Returns the token at a position.
     *
     * @param position 0 for the oldest
     * @return its id
     * @throws IndexOutOfBoundsException if {@code position} is not in [0, {@link #size()})
     */
    public int get(int position) {
        return tokens[Objects.checkIndex(position, size)];
    }

    /**
     * Returns a token counted from the end.
     *
     * @param back 0 for the newest token, 1 for the one before it
     * @return its id
     * @throws IndexOutOfBoundsException if {@code back} is not in [0, {@link #size()})
     */
    public int recent(int back) {
        return tokens[size - 1 - Objects.checkIndex(back, size)];
    }

    /** Refuses tokens from a position on that are not in a vocabulary. */
    void checkTokens(int from, int vocabulary) {
        for (int i = from; i < size; i++) {
            if (tokens[i] >= vocabulary) {
                throw new IllegalArgumentException("token=" + tokens[i] + " at position " + i
                        + " of the history: the vocabulary has " + vocabulary + " tokens");
            }
        }
    }

    /**
     * Removes the newest tokens, for example when a session goes back to an earlier position.
     *
     * @param newSize how many of the oldest tokens to keep
     * @throws IllegalArgumentException if {@code newSize} is not in [0, {@link #size()}]
     */
    public void truncate(int newSize) {
        if (newSize < 0 || newSize > size) {
            throw new IllegalArgumentException("newSize=" + newSize + " is not in [0, " + size + "]");
        }
        size = newSize;
    }
}
