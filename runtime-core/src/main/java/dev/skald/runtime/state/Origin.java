package dev.skald.runtime.state;

/**
 * What a sequence is computed with besides a model's weights. What is remembered of the same tokens differs where this does, so
 * that nothing may be shared between sequences whose origins are not equal.
 */
public interface Origin {
    /** The weights alone. */
    Origin WEIGHTS = new Origin() {};
}
