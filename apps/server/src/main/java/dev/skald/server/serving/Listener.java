package dev.skald.server.serving;

import dev.skald.runtime.chat.ToolCall;
import dev.skald.runtime.chat.ToolCallDelta;
import dev.skald.runtime.generate.GenerationResult;
import dev.skald.runtime.generate.Token;
import java.util.List;

/**
 * Receives an answer while it is generated, on the thread that generates it. If the listener throws, the generation
 * ends.
 */
public interface Listener {
    /**
     * The prompt is being computed; there is no token yet.
     *
     * @param toRead the number of the prompt's tokens that must be computed; the others are in the cache
     */
    void working(int toRead);

    /**
     * Another token was generated. Its text may be empty, for example if it is part of the reasoning.
     *
     * @param answer the index of the answer
     */
    void token(int answer, Token token);

    /** Another part of the answer's calls was generated. The first part of each call has its name and its id. */
    void calls(int answer, List<ToolCallDelta> deltas);

    /** An answer is complete. Its calls have the ids of their parts. */
    void end(int answer, GenerationResult result, List<ToolCall> calls);
}
