package dev.skald.runtime.state;

/**
 * What, besides the model's weights, determines the state of a sequence (its adapters). Sequences may share memory only
 * if their origins are equal.
 */
public interface Origin {
    /** The origin of sequences that depend on the weights only. */
    Origin WEIGHTS = new Origin() {};
}
