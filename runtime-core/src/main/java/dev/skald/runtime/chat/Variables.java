package dev.skald.runtime.chat;

import java.util.LinkedHashMap;
import java.util.Map;

/** Messages and tools in the form that templates expect, which is OpenAI's; but arguments are an object, not text. */
final class Variables {
    private Variables() {}

    /**
     * A message.
     *
     * @param thinking whether the template knows the thoughts before a call as {@code thinking}, as that of gpt-oss does; it
     *     refuses them beside another text
     */
    static Map<String, Object> of(Message message, boolean thinking) {
        Map<String, Object> variable = new LinkedHashMap<>();
        variable.put("role", message.role());
        if (message instanceof Message.Tool tool) {
            if (!tool.callId().isEmpty()) {
                variable.put("tool_call_id", tool.callId());
            }
            variable.put("name", tool.name());
        }
        variable.put("content", message.content());
        if (message instanceof Message.Assistant assistant) {
            assistant.reasoning().ifPresent(text -> variable.put("reasoning_content", text));
            if (!assistant.toolCalls().isEmpty()) {
                if (thinking && assistant.content().isEmpty()) {
                    assistant.reasoning().ifPresent(text -> variable.put("thinking", text));
                }
                variable.put(
                        "tool_calls",
                        assistant.toolCalls().stream().map(Variables::of).toList());
            }
        }
        return variable;
    }

    static Map<String, Object> of(ToolDefinition tool) {
        Map<String, Object> function = new LinkedHashMap<>();
        function.put("name", tool.name());
        function.put("description", tool.description());
        function.put("parameters", tool.parameters());
        return function(new LinkedHashMap<>(), function);
    }

    private static Map<String, Object> of(ToolCall call) {
        Map<String, Object> variable = new LinkedHashMap<>();
        if (!call.id().isEmpty()) {
            variable.put("id", call.id());
        }
        Map<String, Object> function = new LinkedHashMap<>();
        function.put("name", call.name());
        function.put("arguments", call.arguments());
        return function(variable, function);
    }

    private static Map<String, Object> function(Map<String, Object> variable, Map<String, Object> function) {
        variable.put("type", "function");
        variable.put("function", function);
        return variable;
    }
}
