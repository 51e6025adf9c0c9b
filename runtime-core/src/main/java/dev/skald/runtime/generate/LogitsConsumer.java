package dev.skald.runtime.generate;

/** Takes the logits after one of several tokens. */
@FunctionalInterface
public interface LogitsConsumer {
    /**
     * Looks at the logits after a token. Called once for each token that they are asked for, in any order, by the model's
     * threads at the same time.
     *
     * @param index which of the tokens that were given
     * @param logits has the logits, and others; read them only, and not later
     * @param offset where they begin, one for each token of the vocabulary
     */
    void accept(int index, float[] logits, int offset);
}
