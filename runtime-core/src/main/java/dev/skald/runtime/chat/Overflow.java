package dev.skald.runtime.chat;

import dev.skald.runtime.error.ContextOverflowException;

/** What a {@link Chat} does when the conversation no longer fits into its context. */
public enum Overflow {
    /** A {@link ContextOverflowException}; the conversation stays as it was. An answer ends where the context is full. */
    FAIL,
    /**
     * The model no longer sees the oldest turns, a user's message with all that follows it. The system message and the
     * last turn stay. Turns go when less than a quarter of the context would be left for the answer (or what
     * {@code maxTokens} asks for, if that is less), and then so many that half of it is free: what stays has to be
     * computed anew, and should not be at each turn. {@link Chat#messages} still has them.
     */
    DROP_OLDEST,
    /**
     * The oldest tokens behind the system message are taken out of the cache, half of those that are there, wherever
     * messages begin or end; those after them move up and need not be computed anew. This goes on in the middle of an
     * answer, which so may be of any length. What stays still has something of what is gone, and the model may miss the
     * beginning of a message: a text goes on well, an exact conversation is better served by {@link #DROP_OLDEST}.
     */
    SHIFT
}
