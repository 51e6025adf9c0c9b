package dev.skald.server.anthropic;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skald.runtime.chat.Message;
import dev.skald.runtime.chat.ToolCall;
import dev.skald.runtime.chat.ToolDefinition;
import dev.skald.server.http.Body;
import dev.skald.server.http.Json;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads the system text, messages and tools of Anthropic's Messages API. */
final class MessageReader {
    private final List<Message> messages = new ArrayList<>();
    private final Map<String, String> callNames = new HashMap<>();

    private MessageReader() {}

    static List<Message> read(Body body) {
        MessageReader reader = new MessageReader();
        body.value("system").ifPresent(value -> {
            String text = value.isTextual() ? value.textValue() : texts(body.objects("system"));
            reader.messages.add(Message.system(text));
        });
        List<Body> objects = body.objects("messages");
        if (objects.isEmpty()) {
            throw body.missing("messages");
        }
        objects.forEach(reader::message);
        return reader.messages;
    }

    /** Checks that all parameters of a block were read. Cache marks and sources do not affect the answer. */
    private static void end(Body block) {
        block.without("cache_control", "citations");
        block.end();
    }

    private static String texts(List<Body> blocks) {
        StringBuilder text = new StringBuilder();
        for (Body block : blocks) {
            String type = block.requiredString("type");
            if (!type.equals("text")) {
                throw block.error("type", "is '" + type + "'; only text can be read here");
            }
            text.append(text.isEmpty() ? "" : "\n").append(block.requiredString("text"));
            end(block);
        }
        return text.toString();
    }

    private void message(Body body) {
        String role = body.requiredString("role");
        JsonNode content = body.value("content").orElseThrow(() -> body.missing("content"));
        List<Body> blocks = content.isTextual() ? List.of() : body.objects("content");
        switch (role) {
            case "user" -> user(content, blocks);
            case "assistant" -> assistant(content, blocks);
            case "system" -> messages.add(Message.system(content.isTextual() ? content.textValue() : texts(blocks)));
            default -> throw body.error("role", "is '" + role + "'; there are user and assistant");
        }
        body.end();
    }

    private void user(JsonNode content, List<Body> blocks) {
        if (content.isTextual()) {
            messages.add(Message.user(content.textValue()));
            return;
        }
        List<Body> texts = new ArrayList<>();
        for (Body block : blocks) {
            if (!block.requiredString("type").equals("tool_result")) {
                texts.add(block);
                continue;
            }
            String id = block.requiredString("tool_use_id");
            String name = Optional.ofNullable(callNames.get(id))
                    .orElseThrow(() -> block.error(
                            "tool_use_id", "is '" + id + "', and no assistant message before has that call"));
            String result = block.value("content")
                    .map(value -> value.isTextual() ? value.textValue() : texts(block.objects("content")))
                    .orElse("");
            boolean failed = block.flag("is_error", false);
            end(block);
            messages.add(new Message.Tool(id, name, failed ? "error: " + result : result));
        }
        if (!texts.isEmpty()) {
            messages.add(Message.user(texts(texts)));
        }
    }

    private void assistant(JsonNode content, List<Body> blocks) {
        if (content.isTextual()) {
            messages.add(Message.assistant(content.textValue()));
            return;
        }
        List<ToolCall> calls = new ArrayList<>();
        List<Body> texts = new ArrayList<>();
        StringBuilder thinking = new StringBuilder();
        for (Body block : blocks) {
            switch (block.requiredString("type")) {
                case "tool_use" -> {
                    String id = block.requiredString("id");
                    String name = block.requiredString("name");
                    callNames.put(id, name);
                    JsonNode input = block.value("input").orElseGet(Json::object);
                    if (!input.isObject()) {
                        throw block.wrong("input", "an object", input);
                    }
                    calls.add(ToolCall.of(id, name, Json.text(input)));
                    end(block);
                }
                case "thinking" -> {
                    thinking.append(block.requiredString("thinking"));
                    block.without("signature");
                    end(block);
                }
                default -> texts.add(block);
            }
        }
        Optional<String> reasoning = thinking.isEmpty() ? Optional.empty() : Optional.of(thinking.toString());
        messages.add(new Message.Assistant(texts(texts), reasoning, calls));
    }

    static List<ToolDefinition> tools(Body body) {
        List<ToolDefinition> tools = new ArrayList<>();
        for (Body tool : body.objects("tools")) {
            tool.string("type").filter(type -> !type.equals("custom")).ifPresent(type -> {
                throw tool.error("type", "is '" + type + "'; this server has no tools of its own");
            });
            String name = tool.requiredString("name");
            JsonNode schema = tool.value("input_schema").orElseThrow(() -> tool.missing("input_schema"));
            if (!schema.isObject()) {
                throw tool.wrong("input_schema", "a JSON schema", schema);
            }
            tool.without("cache_control");
            tools.add(ToolDefinition.of(name, tool.string("description").orElse(""), Json.text(schema)));
            tool.end();
        }
        return tools;
    }
}
