package dev.skald.server.openai;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skald.runtime.chat.Message;
import dev.skald.runtime.chat.ToolCall;
import dev.skald.runtime.chat.ToolDefinition;
import dev.skald.server.http.ApiError;
import dev.skald.server.http.Body;
import dev.skald.server.http.Json;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads the messages and tools of a chat completion. */
final class Messages {
    private final Map<String, String> callNames = new HashMap<>();

    private Messages() {}

    static List<Message> read(Body body) {
        List<Body> objects = body.objects("messages");
        if (objects.isEmpty()) {
            throw body.missing("messages");
        }
        Messages reader = new Messages();
        return objects.stream().map(reader::message).toList();
    }

    private Message message(Body body) {
        String role = body.requiredString("role");
        // Who of several speaks: no template has a place for it.
        body.without("name", "refusal", "audio", "annotations", "function_call");
        Message message = switch (role) {
            case "system", "developer" -> Message.system(requiredText(body));
            case "user" -> Message.user(requiredText(body));
            case "assistant" -> assistant(body);
            case "tool" -> {
                String id = body.requiredString("tool_call_id");
                String name = Optional.ofNullable(callNames.get(id))
                        .orElseThrow(() -> body.error(
                                "tool_call_id", "is '" + id + "', and no assistant message before has that call"));
                yield new Message.Tool(id, name, requiredText(body));
            }
            default ->
                throw body.error("role", "is '" + role + "'; there are system, developer, user, assistant and tool");
        };
        body.end();
        return message;
    }

    private Message assistant(Body body) {
        List<ToolCall> calls = new ArrayList<>();
        for (Body call : body.objects("tool_calls")) {
            String id = call.requiredString("id");
            call.without("type", "index");
            Body function = call.object("function").orElseThrow(() -> call.missing("function"));
            String name = function.requiredString("name");
            String arguments = function.string("arguments").orElse("{}");
            callNames.put(id, name);
            try {
                calls.add(ToolCall.of(id, name, arguments.isBlank() ? "{}" : arguments));
            } catch (IllegalArgumentException e) {
                throw function.error("arguments", "is no JSON object: " + e.getMessage());
            }
        }
        Optional<String> text = text(body);
        if (text.isEmpty() && calls.isEmpty()) {
            throw body.missing("content");
        }
        return new Message.Assistant(text.orElse(""), body.string("reasoning_content"), calls);
    }

    private static String requiredText(Body body) {
        return text(body).orElseThrow(() -> body.missing("content"));
    }

    /** A string, or parts that are all text. */
    private static Optional<String> text(Body body) {
        return body.value("content").map(value -> {
            if (value.isTextual()) {
                return value.textValue();
            }
            StringBuilder text = new StringBuilder();
            for (Body part : body.objects("content")) {
                String type = part.requiredString("type");
                if (!type.equals("text") && !type.equals("input_text") && !type.equals("output_text")) {
                    throw part.error("type", "is '" + type + "'; the models here read text only");
                }
                text.append(part.requiredString("text"));
            }
            return text.toString();
        });
    }

    /** The tools of a request. */
    static List<ToolDefinition> tools(Body body) {
        List<ToolDefinition> tools = new ArrayList<>();
        for (Body tool : body.objects("tools")) {
            String type = tool.requiredString("type");
            if (!type.equals("function")) {
                throw tool.error("type", "is '" + type + "'; only functions are supported");
            }
            tools.add(function(tool.object("function").orElseThrow(() -> tool.missing("function"))));
        }
        return tools;
    }

    static ToolDefinition function(Body function) {
        String name = function.requiredString("name");
        JsonNode parameters = function.value("parameters").orElseGet(Json::object);
        if (!parameters.isObject()) {
            throw function.wrong("parameters", "a JSON schema", parameters);
        }
        function.without("strict");
        String description = function.string("description").orElse("");
        function.end();
        try {
            return ToolDefinition.of(name, description, Json.text(parameters));
        } catch (IllegalArgumentException e) {
            throw ApiError.badRequest("tools", e.getMessage());
        }
    }
}
