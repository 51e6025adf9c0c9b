package dev.skald.server.openai;

import dev.skald.runtime.chat.Message;
import dev.skald.runtime.chat.ToolChoice;
import dev.skald.runtime.chat.ToolDefinition;
import dev.skald.server.http.Body;
import dev.skald.server.serving.ChatJob;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Reads the parts of a chat completion that go into the prompt. */
public final class ChatRequests {
    private ChatRequests() {}

    /**
     * The parts of a request that the template writes.
     *
     * @param messages the messages, oldest first
     * @param calls the functions that the model may or must call
     * @param variables further variables of the template
     */
    public record Conversation(List<Message> messages, ChatJob.Calls calls, Map<String, Object> variables) {}

    public static Conversation conversation(Body body) {
        return new Conversation(Messages.read(body), calls(body), variables(body));
    }

    private static ChatJob.Calls calls(Body body) {
        List<ToolDefinition> tools = Messages.tools(body);
        return calls(body, tools, ChatRequests::named);
    }

    /**
     * Reads whether and how to call tools.
     *
     * @param named reads the function that a choice names
     */
    static ChatJob.Calls calls(Body body, List<ToolDefinition> tools, Function<Body, String> named) {
        boolean parallel = body.flag("parallel_tool_calls", true);
        ToolChoice choice = body.value("tool_choice")
                .map(value -> value.isTextual() ? mode(body, value.textValue()) : named(body, named))
                .orElse(ToolChoice.AUTO);
        ChatJob.Calls calls = new ChatJob.Calls(tools, choice, parallel);
        if (!calls.isPossible()) {
            throw body.error("tool_choice", "asks for a function that 'tools' does not have");
        }
        return calls;
    }

    private static ToolChoice mode(Body body, String mode) {
        return switch (mode) {
            case "none" -> ToolChoice.NONE;
            case "auto" -> ToolChoice.AUTO;
            case "required" -> ToolChoice.REQUIRED;
            default ->
                throw body.error("tool_choice", "is '" + mode + "'; there are none, auto, required and a function");
        };
    }

    private static ToolChoice named(Body body, Function<Body, String> named) {
        Body choice = body.object("tool_choice").orElseThrow();
        String type = choice.requiredString("type");
        if (!type.equals("function")) {
            throw choice.error("type", "is '" + type + "'; only a function can be chosen");
        }
        String name = named.apply(choice);
        choice.end();
        return ToolChoice.named(name);
    }

    private static String named(Body choice) {
        Body function = choice.object("function").orElseThrow(() -> choice.missing("function"));
        String name = function.requiredString("name");
        function.end();
        return name;
    }

    /** Reads template variables in the form of llama-server and vLLM, and OpenAI's effort, which some templates use. */
    private static Map<String, Object> variables(Body body) {
        Map<String, Object> variables = new HashMap<>();
        body.object("chat_template_kwargs")
                .ifPresent(own -> own.json().properties().forEach(entry -> {
                    Object value = entry.getValue().isBoolean()
                            ? (Object) entry.getValue().booleanValue()
                            : entry.getValue().asText();
                    variables.put(entry.getKey(), value);
                }));
        body.string("reasoning_effort").ifPresent(effort -> effort(effort, variables));
        return variables;
    }

    /** Sets the effort of reasoning in the terms of templates. */
    static void effort(String effort, Map<String, Object> variables) {
        if (effort.equals("none")) {
            variables.put("enable_thinking", false);
        } else {
            variables.put("reasoning_effort", effort);
        }
    }
}
