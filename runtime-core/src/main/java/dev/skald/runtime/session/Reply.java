package dev.skald.runtime.session;

import dev.skald.runtime.generate.FinishReason;

/** What a conversation has to do with a generation: nothing, if there is none. */
public interface Reply {
    /** A text that is part of no conversation. */
    Reply NONE = new Reply() {};

    /** A token that does not end the text; returns text for the reader where the token stands for a mark without any. */
    default String add(int id) {
        return "";
    }

    /** What is to be shown of a piece of the text. */
    default String show(String piece) {
        return piece;
    }

    /** What of the pieces shown last was no part of the text, but a thought before it. */
    default String reasoning() {
        return "";
    }

    /** Tokens that come next whatever the model would choose, since it has thought enough; mostly none. */
    default int[] ending() {
        return new int[0];
    }

    /** Whether what comes next is part of the text, and not of thoughts or of what stands around them. */
    default boolean answers() {
        return true;
    }

    /** What {@link #show} has kept back, when no more comes. */
    default String rest() {
        return "";
    }

    /** Whether {@link #makeRoom} can be called in a full context. */
    default boolean canMakeRoom() {
        return false;
    }

    /** Takes positions out of the cache. */
    default void makeRoom() {}

    /** The text has ended; called once. */
    default void end(FinishReason reason) {}
}
