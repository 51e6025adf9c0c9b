package dev.skald.server.serving;

import dev.skald.runtime.chat.Message;
import dev.skald.runtime.chat.ToolChoice;
import dev.skald.runtime.chat.ToolDefinition;
import dev.skald.runtime.generate.GenerationOptions;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * A conversation to be answered, in no API's terms.
 *
 * @param messages all of it, oldest first
 * @param calls what the model may call, and has to
 * @param variables what else the template is given
 * @param maxThinkingTokens how long the model may think before it answers
 * @param settings of the generation
 * @param seed of the first answer; one more for each other
 * @param answers how many are wanted
 */
public record ChatJob(
        List<Message> messages,
        Calls calls,
        Map<String, Object> variables,
        int maxThinkingTokens,
        Consumer<GenerationOptions> settings,
        OptionalLong seed,
        int answers) {
    /**
     * The functions of a conversation.
     *
     * @param tools what the model may call
     * @param choice whether it has to
     * @param parallel whether an answer may call several
     */
    public record Calls(List<ToolDefinition> tools, ToolChoice choice, boolean parallel) {
        /** No functions. */
        public static final Calls NONE = new Calls(List.of(), ToolChoice.AUTO, true);
    }
}
