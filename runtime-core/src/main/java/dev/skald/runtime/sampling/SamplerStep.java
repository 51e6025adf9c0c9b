package dev.skald.runtime.sampling;

import java.util.function.Supplier;

/**
 * One small step of a {@link Sampler}: it changes logits, or it removes candidates.
 *
 * <p>A step without state may be shared by any number of samplers. One that keeps state belongs to one {@link Sampler},
 * hence to one generation and one thread at a time: hand its constructor to {@link SamplerOptions.Builder#step(Supplier)},
 * which makes one for each sampler.
 */
@FunctionalInterface
public interface SamplerStep {
    /**
     * Changes the candidates for the next token.
     *
     * @param candidates the tokens still possible, at least one; it must leave at least one with a finite logit
     * @param history the tokens so far: prompt and generated text, the newest last; not to be kept
     */
    void apply(Candidates candidates, TokenHistory history);

    /**
     * Learns of a token that has become part of the text. By default nothing happens.
     *
     * @param token the token that was chosen, whoever chose it
     */
    default void accept(int token) {}
}
