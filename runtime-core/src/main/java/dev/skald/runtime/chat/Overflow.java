package dev.skald.runtime.chat;

import dev.skald.runtime.error.ContextOverflowException;

/** What a {@link Chat} does when the conversation no longer fits into its context. */
public enum Overflow {
    /**
     * Throws a {@link ContextOverflowException} and leaves the conversation unchanged. An answer ends when the context
     * is full.
     */
    FAIL,
    /**
     * Drops the oldest turns; a turn is a user's message and everything up to the next. The system message and the last
     * turn stay. Turns are dropped when less than a quarter of the context is left for the answer (or less than {@code
     * maxTokens}, if that is smaller). Then enough are dropped to free half of the context, because the rest has to be
     * computed again. {@link Chat#messages} still returns the dropped turns.
     */
    DROP_OLDEST,
    /**
     * Removes the older half of the tokens after the system message from the cache, wherever messages begin or end. The
     * tokens after them move up and are not computed again. This can happen in the middle of an answer, so an answer
     * may have any length. The remaining tokens still contain something of the removed ones, and the model may miss the
     * beginning of a message. This suits a text that goes on; for an exact conversation use {@link #DROP_OLDEST}.
     */
    SHIFT
}
