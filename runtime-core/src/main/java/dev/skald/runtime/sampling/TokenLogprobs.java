package dev.skald.runtime.sampling;

import java.util.List;

/**
 * The log-probabilities of a chosen token and of the most probable ones at its position.
 *
 * @param chosen the token of the text
 * @param top the most probable tokens, most probable first; the chosen one need not be among them
 */
public record TokenLogprobs(TokenLogprob chosen, List<TokenLogprob> top) {
    /** Copies the list. */
    public TokenLogprobs {
        top = List.copyOf(top);
    }
}
