package dev.skald.runtime.sampling;

import dev.skald.runtime.tokenizer.Tokenizer;

/** Creates a {@link Constraint} for each generated text. Any number of threads may use it. */
@FunctionalInterface
public interface ConstraintSource {
    /**
     * Creates a constraint for a new text.
     *
     * @param tokenizer the model's tokenizer
     * @return a new constraint
     * @throws IllegalArgumentException if the constraint is not possible with this vocabulary; the message has the
     *     reason
     */
    Constraint begin(Tokenizer tokenizer);
}
