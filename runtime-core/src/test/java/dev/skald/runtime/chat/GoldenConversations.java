package dev.skald.runtime.chat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.skald.runtime.Golden;
import dev.skald.runtime.jinja.JsonNodes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;

/** The golden conversations as our messages, and what Hugging Face's jinja2 makes of them. */
final class GoldenConversations {
    private GoldenConversations() {}

    /** A conversation with an answer. */
    record Case(String conversation, boolean prompt, JsonNode variables, String output) {
        List<Message> messages() {
            List<Message> messages = new ArrayList<>();
            variables.get("messages").forEach(node -> messages.add(message(node)));
            return messages;
        }

        ChatTemplateOptions options() {
            ChatTemplateOptions.Builder options = ChatTemplateOptions.builder()
                    .addGenerationPrompt(prompt)
                    .bosToken("<s>")
                    .eosToken("</s>")
                    .clock(Clock.fixed(Instant.parse("2026-01-15T12:00:00Z"), ZoneOffset.UTC));
            if (variables.has("tools")) {
                options.tools(StreamSupport.stream(variables.get("tools").spliterator(), false)
                        .map(tool -> tool.get("function"))
                        .map(tool -> new ToolDefinition(
                                tool.get("name").textValue(),
                                tool.get("description").textValue(),
                                JsonNodes.object(tool.get("parameters"))))
                        .toList());
            }
            if (variables.has("enable_thinking")) {
                options.variable(
                        "enable_thinking", variables.get("enable_thinking").booleanValue());
            }
            return options.build();
        }

        @Override
        public String toString() {
            return conversation + (prompt ? " + prompt" : "");
        }
    }

    /** The conversations that our messages can hold: text is text, and arguments are an object. */
    static List<Case> of(String template) {
        if (!Golden.isPresent()) {
            return List.of(new Case("absent", false, null, null));
        }
        JsonNode conversations = Golden.json("golden/chat/conversations.json");
        List<Case> cases = new ArrayList<>();
        try {
            for (String line : Files.readAllLines(Golden.path("golden/chat/cases.jsonl"))) {
                JsonNode node = new ObjectMapper().readTree(line);
                String conversation = node.get("conversation").textValue();
                if (node.get("template").textValue().equals(template)
                        && node.has("output")
                        && !conversation.equals("tool_result_last")
                        && !conversation.equals("tool_turn_strargs")) {
                    cases.add(new Case(
                            conversation,
                            node.get("add_generation_prompt").booleanValue(),
                            conversations.get(conversation),
                            node.get("output").textValue()));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return cases;
    }

    /** Returns the conversations without tools. */
    static List<Case> plain(String template) {
        return of(template).stream()
                .filter(golden ->
                        golden.variables() == null || !golden.variables().has("tools"))
                .toList();
    }

    private static Message message(JsonNode node) {
        String content = node.get("content").textValue();
        return switch (node.get("role").textValue()) {
            case "system" -> Message.system(content);
            case "user" -> Message.user(content);
            case "tool" ->
                new Message.Tool(
                        node.get("tool_call_id").textValue(), node.get("name").textValue(), content);
            default ->
                new Message.Assistant(
                        content,
                        Optional.ofNullable(node.get("reasoning_content")).map(JsonNode::textValue),
                        StreamSupport.stream(node.path("tool_calls").spliterator(), false)
                                .map(GoldenConversations::toolCall)
                                .toList());
        };
    }

    private static ToolCall toolCall(JsonNode node) {
        JsonNode function = node.get("function");
        return new ToolCall(
                node.get("id").textValue(),
                function.get("name").textValue(),
                JsonNodes.object(function.get("arguments")));
    }
}
