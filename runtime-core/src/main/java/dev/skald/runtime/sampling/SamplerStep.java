package dev.skald.runtime.sampling;

import java.util.function.Supplier;

/**
 * One step of a {@link Sampler}: it changes logits or removes candidates.
 *
 * <p>A step without state may be shared by any number of samplers. A step with state belongs to one {@link Sampler},
 * and so to one generation and one thread at a time: pass its constructor to {@link
 * SamplerOptions.Builder#step(Supplier)}, which makes one step for each sampler.
 */
@FunctionalInterface
public interface SamplerStep {
    /**
     * Changes the candidates for the next token.
     *
     * @param candidates the tokens still possible, at least one; it must leave at least one with a finite logit
     * @param history the tokens so far (prompt and generated text), the newest last; do not keep it
     */
    void apply(Candidates candidates, TokenHistory history);

    /**
     * Receives a token that has become part of the text. By default it does nothing.
     *
     * @param token the token, whether this sampler chose it or not
     */
    default void accept(int token) {}
}
