package dev.skald.runtime.layer;

/** What is wanted of a row, beside its keys and values in the sequence's state. */
public enum Want {
    NOTHING,
    /** One number for each token of the vocabulary. */
    LOGITS,
    /** What the output matrix would be multiplied by: the row behind the last norm. */
    HIDDEN
}
