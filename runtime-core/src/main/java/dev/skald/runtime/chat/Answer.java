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
     * What the model has thought so far before it answers, if it is one that thinks; {@link
     * dev.skald.runtime.generate.Token#reasoning()} is what a token adds to it. Nothing of it is in any token's text.
     *
     * @return the thoughts, without white space around them; empty if there are none
     */
    String reasoning();
}
