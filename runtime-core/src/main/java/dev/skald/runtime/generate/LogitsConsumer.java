package dev.skald.runtime.generate;

/** Receives the logits after tokens. */
@FunctionalInterface
public interface LogitsConsumer {
    /**
     * Receives the logits after one token. It is called once for each requested token, in any order, and by several
     * threads at the same time.
     *
     * @param index the index of the token among those given
     * @param logits an array that contains the logits and others; do not change it, and do not keep it
     * @param offset the index of the first logit; there is one for each token of the vocabulary
     */
    void accept(int index, float[] logits, int offset);
}
