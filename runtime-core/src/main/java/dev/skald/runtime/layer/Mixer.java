package dev.skald.runtime.layer;

/** The part of a block in which a row sees earlier rows of its sequence: attention or a recurrent layer. */
public interface Mixer {
    /**
     * Computes the rows and remembers them.
     *
     * @param used after it; in the last block, they and the result have only the rows from now on that something is wanted of
     */
    Rows apply(Pass p, Rows x, Rows... used);
}
