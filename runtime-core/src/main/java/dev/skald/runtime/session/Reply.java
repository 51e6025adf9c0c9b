package dev.skald.runtime.session;

import dev.skald.runtime.generate.FinishReason;
import java.util.OptionalInt;

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

    /** The token that comes next whatever the model would choose. */
    default OptionalInt forced() {
        return OptionalInt.empty();
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
