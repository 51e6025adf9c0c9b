package dev.skald.runtime;

/** How a session is opened. Every setting has a default. */
public final class SessionOptions {
    private int contextLength;
    private int sequences = 1;

    SessionOptions(int contextLength) {
        this.contextLength = contextLength;
    }

    /**
     * How many positions a sequence may have. By default what the model was trained for; memory is taken as a sequence
     * grows.
     *
     * @param positions 1 or more; more than the model was trained for as a rule gives bad text
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public SessionOptions contextLength(int positions) {
        contextLength = Checks.range("contextLength", positions, 1, 1 << 28);
        return this;
    }

    /**
     * How many sequences the session holds, numbered from 0. By default 1.
     *
     * @param count 1 to 65536
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public SessionOptions sequences(int count) {
        sequences = Checks.range("sequences", count, 1, 65536);
        return this;
    }

    int contextLength() {
        return contextLength;
    }

    int sequences() {
        return sequences;
    }
}
