package dev.skald.runtime;

import java.util.Objects;

/**
 * One generated token.
 *
 * @param id its id in the vocabulary
 * @param text what it adds to the text: whole characters only, so it is empty while a character or a possible stop
 *     string is unfinished, and then holds what was kept back; the token that ends the text has no text of its own
 */
public record Token(int id, String text) {
    /** The text may be empty, not null. */
    public Token {
        Objects.requireNonNull(text);
    }
}
