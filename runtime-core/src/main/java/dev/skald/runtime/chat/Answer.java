package dev.skald.runtime.chat;

import dev.skald.runtime.generate.Generation;
import java.util.List;

/** What a model answers in a {@link Chat}, as it is generated. */
public interface Answer extends Generation {
    /**
     * The calls that the model has asked for so far, in a chat with tools; their text is in no token's text. A call is
     * there with the token that completes it.
     *
     * @return calls in their order
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
