package dev.skald.runtime.sampling;

/**
 * What a model thinks of a token.
 *
 * @param token the token id
 * @param logprob the natural logarithm of its probability among the whole vocabulary, 0 or less
 */
public record TokenLogprob(int token, float logprob) {}
