package dev.skald.runtime.sampling;

/**
 * The log-probability of a token.
 *
 * @param token the token id
 * @param logprob the natural logarithm of its probability among the whole vocabulary, 0 or less
 */
public record TokenLogprob(int token, float logprob) {}
