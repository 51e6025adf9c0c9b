package dev.skald.runtime.sampling;

/**
 * One step of a {@link Sampler}: it changes logits or removes candidates.
 *
 * <p>The steps of this package are immutable and may be shared. A step that keeps state of its own belongs to one
 * {@link Sampler}, hence to one generation and one thread at a time.
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
}
