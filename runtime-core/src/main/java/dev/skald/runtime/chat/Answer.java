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

    /**
     * What has come of calls since this was last asked, so that a program can show a call while the model writes it. The
     * arguments of forms that are not JSON come in one piece, when the call is complete. An unconstrained model may break a
     * call off; it then has had pieces, and is not among {@link #toolCalls}.
     *
     * @return pieces in their order; they are not returned again
     */
    List<ToolCallDelta> takeToolCallDeltas();
}
