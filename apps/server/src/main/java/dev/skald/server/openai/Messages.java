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
import java.util.Set;

/** Reads the messages and tools of a chat completion. */
final class Messages {
    /** Parts of a message that are text, by their names in OpenAI's APIs. */
    private static final Set<String> TEXT_PARTS =
            Set.of("text", "input_text", "output_text", "reasoning_text", "summary_text", "refusal");

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
        // The name of one of several speakers has no place in templates.
        body.without("name", "refusal", "annotations");
        Message message = switch (role) {
            case "system", "developer" -> Message.system(requiredText(body));
            case "user" -> Message.user(requiredText(body));
            case "assistant" -> {
                body.refuse("function_call", "is no longer known; send 'tool_calls'");
                body.refuse("audio", "cannot be read by the models here");
                yield assistant(body);
            }
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
            onlyFunction(call);
            call.without("index");
            Body function = call.object("function").orElseThrow(() -> call.missing("function"));
            String name = function.requiredString("name");
            String arguments = function.string("arguments").orElse("{}");
            function.end();
            call.end();
            callNames.put(id, name);
            calls.add(call(function, id, name, arguments));
        }
        Optional<String> text = text(body, "content");
        if (text.isEmpty() && calls.isEmpty()) {
            throw body.missing("content");
        }
        return new Message.Assistant(text.orElse(""), body.string("reasoning_content"), calls);
    }

    private static void onlyFunction(Body call) {
        call.string("type").filter(type -> !type.equals("function")).ifPresent(type -> {
            throw call.error("type", "is '" + type + "'; only functions are supported");
        });
    }

    /**
     * Returns a call by the model.
     *
     * @param place the object with the arguments, for messages
     */
    static ToolCall call(Body place, String id, String name, String arguments) {
        try {
            return ToolCall.of(id, name, arguments.isBlank() ? "{}" : arguments);
        } catch (IllegalArgumentException e) {
            throw place.error("arguments", "is not a JSON object: " + e.getMessage());
        }
    }

    private static String requiredText(Body body) {
        return text(body, "content").orElseThrow(() -> body.missing("content"));
    }

    /** Returns a string, or the text of parts that are all text. */
    static Optional<String> text(Body body, String name) {
        return body.value(name).map(value -> {
            if (value.isTextual()) {
                return value.textValue();
            }
            StringBuilder text = new StringBuilder();
            for (Body part : body.objects(name)) {
                String type = part.requiredString("type");
                if (!TEXT_PARTS.contains(type)) {
                    throw part.error("type", "is '" + type + "'; the models here read text only");
                }
                text.append(part.requiredString(type.equals("refusal") ? type : "text"));
                // Notes of other servers about a text, and marks for caches that do not exist here.
                part.without("annotations", "logprobs", "cache_control");
                part.end();
            }
            return text.toString();
        });
    }

    /** Returns the tools of a request. */
    static List<ToolDefinition> tools(Body body) {
        List<ToolDefinition> tools = new ArrayList<>();
        for (Body tool : body.objects("tools")) {
            String type = tool.requiredString("type");
            if (!type.equals("function")) {
                throw tool.error("type", "is '" + type + "'; only functions are supported");
            }
            tools.add(function(tool.object("function").orElseThrow(() -> tool.missing("function"))));
            tool.without("cache_control");
            tool.end();
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
