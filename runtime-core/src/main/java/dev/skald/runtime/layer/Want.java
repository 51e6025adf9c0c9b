package dev.skald.runtime.layer;

/** What the caller wants of a row. Its keys and values are stored in any case. */
public enum Want {
    NOTHING,
    /** A number for each token of the vocabulary. */
    LOGITS,
    /** The row after the last norm, which the output matrix would multiply. */
    HIDDEN
}
