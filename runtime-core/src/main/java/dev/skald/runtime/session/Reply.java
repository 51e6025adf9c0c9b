package dev.skald.runtime.session;

import dev.skald.runtime.generate.FinishReason;

/** What a conversation adds to a generation. The default implementation adds nothing. */
public interface Reply {
    /** For a text that is not part of a conversation. */
    Reply NONE = new Reply() {};

    /** Accepts a token that does not end the text. Returns text for the reader if the token is a mark without text. */
    default String add(int id) {
        return "";
    }

    /** Returns the part of a piece of text that is shown. */
    default String show(String piece) {
        return piece;
    }

    /** Returns the part of the last pieces that was a thought. */
    default String reasoning() {
        return "";
    }

    /** Returns tokens that must come next, because the model has thought enough; usually none. */
    default int[] ending() {
        return new int[0];
    }

    /** Whether a constraint applies to the next token. */
    default boolean isConstrained() {
        return true;
    }

    /** Returns what {@link #show} has held back; called when the text ends. */
    default String rest() {
        return "";
    }

    /** Whether {@link #makeRoom} may be called when the context is full. */
    default boolean canMakeRoom() {
        return false;
    }

    /** Removes positions from the cache. */
    default void makeRoom() {}

    /** Called once, when the text has ended. */
    default void end(FinishReason reason) {}
}
