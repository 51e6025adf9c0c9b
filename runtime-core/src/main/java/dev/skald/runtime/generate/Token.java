package dev.skald.runtime.generate;

import dev.skald.runtime.sampling.TokenLogprobs;
import java.util.Objects;
import java.util.Optional;

/**
 * One generated token.
 *
 * @param id its id in the vocabulary
 * @param text what the token adds to the text, in whole characters. It is empty while a character or a possible stop
 *     string is incomplete; a later token then contains the withheld text. The token that ends the text adds none
 * @param logprobs log-probabilities of this token and of the most probable ones, if {@link GenerationOptions#logprobs}
 *     asked for them
 */
public record Token(int id, String text, Optional<TokenLogprobs> logprobs) {
    /** The text may be empty, not null. */
    public Token {
        Objects.requireNonNull(text, "text");
        Objects.requireNonNull(logprobs, "logprobs");
    }

    /**
     * A token without log-probabilities.
     *
     * @param id its id in the vocabulary
     * @param text what it adds to the text
     */
    public Token(int id, String text) {
        this(id, text, Optional.empty());
    }
}
