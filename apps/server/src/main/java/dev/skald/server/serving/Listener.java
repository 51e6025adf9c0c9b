package dev.skald.server.serving;

import dev.skald.runtime.chat.ToolCall;
import dev.skald.runtime.chat.ToolCallDelta;
import dev.skald.runtime.generate.GenerationResult;
import dev.skald.runtime.generate.Token;
import java.util.List;

/** Is told of an answer while it is generated, by the thread that does. What it throws ends the generation. */
public interface Listener {
    /** Something was computed, and there is nothing to say yet. */
    void working();

    /**
     * There is another token, whose text may be empty; it may have thoughts instead.
     *
     * @param answer which of several
     */
    void token(int answer, Token token);

    /** More of the calls that an answer has. */
    void calls(int answer, List<ToolCallDelta> deltas);

    /** An answer is whole. */
    void end(int answer, GenerationResult result, List<ToolCall> calls);
}
