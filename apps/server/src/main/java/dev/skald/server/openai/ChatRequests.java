package dev.skald.server.openai;

import dev.skald.runtime.chat.Message;
import dev.skald.runtime.chat.ToolDefinition;
import dev.skald.server.http.Body;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads what of a chat completion goes into the prompt. */
public final class ChatRequests {
    private ChatRequests() {}

    /**
     * What a template writes.
     *
     * @param messages oldest first
     * @param tools what the model may call
     * @param variables what else the template is given
     */
    public record Conversation(List<Message> messages, List<ToolDefinition> tools, Map<String, Object> variables) {}

    public static Conversation conversation(Body body) {
        return new Conversation(Messages.read(body), tools(body), variables(body));
    }

    private static List<ToolDefinition> tools(Body body) {
        List<ToolDefinition> tools = Messages.tools(body);
        String choice = body.value("tool_choice")
                .map(value -> value.isTextual() ? value.textValue() : "function")
                .orElse("auto");
        body.flag("parallel_tool_calls", true);
        return switch (choice) {
            case "none" -> List.of();
            case "auto" -> tools;
            default -> throw body.error("tool_choice", "can be 'none' or 'auto' with this server");
        };
    }

    /** As llama-server and vLLM have them, and OpenAI's effort, which some templates know. */
    private static Map<String, Object> variables(Body body) {
        Map<String, Object> variables = new HashMap<>();
        body.object("chat_template_kwargs")
                .ifPresent(own -> own.json().properties().forEach(entry -> {
                    Object value = entry.getValue().isBoolean()
                            ? (Object) entry.getValue().booleanValue()
                            : entry.getValue().asText();
                    variables.put(entry.getKey(), value);
                }));
        body.string("reasoning_effort").ifPresent(effort -> variables.put("reasoning_effort", effort));
        return variables;
    }
}
