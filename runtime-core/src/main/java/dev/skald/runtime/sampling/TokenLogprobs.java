package dev.skald.runtime.sampling;

import java.util.List;

/**
 * What a model thought of a token when it was chosen, and of those it might have chosen.
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
