package dev.skald.runtime.sampling;

import dev.skald.runtime.tokenizer.Tokenizer;

/** Makes a {@link Constraint} for each text that a model is to write. May be shared by any number of threads. */
@FunctionalInterface
public interface ConstraintSource {
    /**
     * A constraint at the beginning of a text.
     *
     * @param tokenizer the model's, whose tokens are told to the constraint
     * @return a new constraint
     * @throws IllegalArgumentException if it can't be had with these tokens, with the reason
     */
    Constraint begin(Tokenizer tokenizer);
}
