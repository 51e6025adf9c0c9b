package dev.skald.server.openai;

import dev.skald.runtime.chat.Message;
import dev.skald.runtime.chat.ToolCall;
import dev.skald.server.http.Body;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads the input of a response: a text, or items. One message of the model may be several items (its reasoning, a
 * text, calls).
 */
final class ResponseInput {
    private final List<Message> messages = new ArrayList<>();
    private final Map<String, String> callNames = new HashMap<>();

    /** The items of a message of the model that is not complete yet. */
    private Optional<String> reasoning = Optional.empty();

    private Optional<String> text = Optional.empty();
    private final List<ToolCall> calls = new ArrayList<>();

    private ResponseInput(List<Message> earlier) {
        for (Message message : earlier) {
            if (message instanceof Message.Assistant said) {
                said.toolCalls().forEach(call -> callNames.put(call.id(), call.name()));
            }
        }
    }

    /**
     * Returns the messages of a request's input.
     *
     * @param earlier the messages before them
     */
    static List<Message> read(Body body, List<Message> earlier) {
        ResponseInput reader = new ResponseInput(earlier);
        body.value("input")
                .filter(input -> input.isTextual())
                .ifPresentOrElse(
                        input -> reader.messages.add(Message.user(input.textValue())),
                        () -> body.objects("input").forEach(reader::item));
        reader.endAssistant();
        if (reader.messages.isEmpty()) {
            throw body.missing("input");
        }
        return reader.messages;
    }

    private void item(Body item) {
        String type = item.string("type").orElse("message");
        item.without("id", "status");
        switch (type) {
            case "message" -> message(item);
            case "reasoning" -> reasoning(item);
            case "function_call" -> call(item);
            case "function_call_output" -> result(item);
            default ->
                throw item.error(
                        "type",
                        "is '" + type + "'; there are message, reasoning, function_call and function_call_output");
        }
        item.end();
    }

    private void message(Body item) {
        String role = item.requiredString("role");
        // The phase of a text has no place in templates.
        item.without("phase");
        String content = Messages.text(item, "content").orElseThrow(() -> item.missing("content"));
        if (role.equals("assistant")) {
            if (text.isPresent() || !calls.isEmpty()) {
                endAssistant();
            }
            text = Optional.of(content);
            return;
        }
        endAssistant();
        messages.add(
                switch (role) {
                    case "system", "developer" -> Message.system(content);
                    case "user" -> Message.user(content);
                    default ->
                        throw item.error("role", "is '" + role + "'; there are system, developer, user and assistant");
                });
    }

    private void reasoning(Body item) {
        item.refuse("encrypted_content", "cannot be read here; this server sends the reasoning as a text");
        Optional<String> whole = Messages.text(item, "content");
        Optional<String> summary = Messages.text(item, "summary");
        if (text.isPresent() || !calls.isEmpty()) {
            endAssistant();
        }
        reasoning =
                whole.filter(thoughts -> !thoughts.isEmpty()).or(() -> summary.filter(thoughts -> !thoughts.isEmpty()));
    }

    private void call(Body item) {
        String id = item.requiredString("call_id");
        String name = item.requiredString("name");
        callNames.put(id, name);
        calls.add(Messages.call(item, id, name, item.requiredString("arguments")));
    }

    private void result(Body item) {
        endAssistant();
        String id = item.requiredString("call_id");
        String name = Optional.ofNullable(callNames.get(id))
                .orElseThrow(() -> item.error("call_id", "is '" + id + "', and no function_call before has that id"));
        messages.add(
                new Message.Tool(id, name, Messages.text(item, "output").orElseThrow(() -> item.missing("output"))));
    }

    private void endAssistant() {
        if (text.isPresent() || !calls.isEmpty()) {
            messages.add(new Message.Assistant(text.orElse(""), reasoning, calls));
        }
        text = Optional.empty();
        reasoning = Optional.empty();
        calls.clear();
    }
}
