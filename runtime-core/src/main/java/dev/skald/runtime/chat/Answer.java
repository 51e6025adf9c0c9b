package dev.skald.runtime.chat;

import dev.skald.runtime.generate.Generation;
import java.util.List;

/** An answer in a {@link Chat}, while it is generated. */
public interface Answer extends Generation {
    /**
     * Returns the function calls that the answer contains so far, in a chat with tools. A call appears with the token
     * that completes it. Its text is not part of any token's text.
     *
     * @return the calls in order
     */
    List<ToolCall> toolCalls();
}
