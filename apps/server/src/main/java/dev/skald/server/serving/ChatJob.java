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
 * A conversation to answer, independent of the API of the request.
 *
 * @param messages all messages, oldest first
 * @param calls the functions that the model may or must call
 * @param variables further variables of the template
 * @param maxThinkingTokens the maximum number of tokens for thoughts before the answer
 * @param settings the settings of the generation
 * @param seed the seed of the first answer; each further answer has the next one
 * @param answers the number of answers to generate
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
     * @param tools the functions that the model may call
     * @param choice whether the model must call a function
     * @param parallel whether an answer may have several calls
     */
    public record Calls(List<ToolDefinition> tools, ToolChoice choice, boolean parallel) {
        /** No functions. */
        public static final Calls NONE = new Calls(List.of(), ToolChoice.AUTO, true);

        /** Returns whether the functions include those that the choice demands. */
        public boolean isPossible() {
            return switch (choice.mode()) {
                case NONE, AUTO -> true;
                case REQUIRED -> !tools.isEmpty();
                case NAMED -> tools.stream().anyMatch(tool -> tool.name().equals(choice.function()));
            };
        }
    }
}
