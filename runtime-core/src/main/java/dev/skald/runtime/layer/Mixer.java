package dev.skald.runtime.layer;

/** What lets a row see those before it in its sequence: an attention, or a recurrent layer. */
public interface Mixer {
    /**
     * What it makes of rows, after which it remembers them.
     *
     * @param used after it; in the last block, they and the result have only the rows from now on that something is wanted of
     */
    Rows apply(Pass p, Rows x, Rows... used);
}
