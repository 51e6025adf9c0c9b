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
 * @param reasoning what it adds to the thoughts before an answer, which are not part of the text; empty except in a chat with
 *     a model that thinks
 * @param logprobs log-probabilities of this token and of the most probable ones, if {@link GenerationOptions#logprobs}
 *     asked for them
 */
public record Token(int id, String text, String reasoning, Optional<TokenLogprobs> logprobs) {
    /** The texts may be empty, not null. */
    public Token {
        Objects.requireNonNull(text, "text");
        Objects.requireNonNull(reasoning, "reasoning");
        Objects.requireNonNull(logprobs, "logprobs");
    }

    /**
     * A token of a text without thoughts.
     *
     * @param id its id in the vocabulary
     * @param text what it adds to the text
     * @param logprobs what the model thought of it
     */
    public Token(int id, String text, Optional<TokenLogprobs> logprobs) {
        this(id, text, "", logprobs);
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
