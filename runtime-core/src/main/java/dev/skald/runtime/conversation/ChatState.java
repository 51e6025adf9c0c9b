package dev.skald.runtime.conversation;

import dev.skald.runtime.chat.Message;
import dev.skald.runtime.chat.ToolCall;
import dev.skald.runtime.check.Checks;
import dev.skald.runtime.jinja.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A conversation in the form that is saved with its cache: JSON in UTF-8. */
record ChatState(List<Message> messages, Transcript transcript, int dropped, Gap gap) {

    byte[] write() {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("messages", messages.stream().map(ChatState::json).toList());
        all.put("text", transcript.text());
        all.put("tokens", json(transcript.tokens()));
        all.put(
                "answers",
                transcript.answers().stream()
                        .map(answer -> json(answer.begin(), answer.end(), answer.tokens()))
                        .toList());
        all.put("dropped", (long) dropped);
        all.put("gap", json(gap.from(), gap.length()));
        return Json.write(all).getBytes(StandardCharsets.UTF_8);
    }

    static ChatState read(byte[] json, int vocabulary) throws IOException {
        if (json.length == 0) {
            throw new IOException("has no conversation: it was saved by a session, and a session can restore it");
        }
        try {
            return read((Map<?, ?>) Json.parse(new String(json, StandardCharsets.UTF_8)), vocabulary);
        } catch (RuntimeException broken) {
            // Some values are missing, out of range or of another type, so write() did not create this JSON.
            throw new IOException("is damaged: its conversation cannot be read (" + broken.getMessage() + ")", broken);
        }
    }

    private static ChatState read(Map<?, ?> all, int vocabulary) {
        List<Message> messages =
                list(all.get("messages")).stream().map(ChatState::message).toList();
        String text = (String) all.get("text");
        int[] tokens = ints(all.get("tokens"), vocabulary - 1);
        List<Transcript.Answer> answers = new ArrayList<>();
        Transcript.Answer before = new Transcript.Answer(0, 0, 0);
        for (Object element : list(all.get("answers"))) {
            int[] answer = ints(element, Integer.MAX_VALUE);
            Checks.range("answers: begin", answer[0], before.end(), text.length());
            Checks.range("answers: end", answer[1], answer[0], text.length());
            Checks.range("answers: tokens", answer[2], before.tokens(), tokens.length);
            before = new Transcript.Answer(answer[0], answer[1], answer[2]);
            answers.add(before);
        }
        int[] gap = ints(all.get("gap"), tokens.length);
        Checks.range("gap: length", gap[1], 0, tokens.length - gap[0]);
        long dropped = (Long) all.get("dropped");
        if (dropped < 0 || dropped > messages.size() - ChatPlanner.leading(messages)) {
            throw new IllegalArgumentException(dropped + " of " + messages.size() + " messages are dropped");
        }
        return new ChatState(
                messages, new Transcript(text, tokens, List.copyOf(answers)), (int) dropped, new Gap(gap[0], gap[1]));
    }

    private static Map<String, Object> json(Message message) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("role", message.role());
        json.put("content", message.content());
        switch (message) {
            case Message.System _, Message.User _ -> {}
            case Message.Tool tool -> {
                json.put("call", tool.callId());
                json.put("name", tool.name());
            }
            case Message.Assistant answer -> {
                answer.reasoning().ifPresent(text -> json.put("reasoning", text));
                json.put(
                        "calls",
                        answer.toolCalls().stream().map(ChatState::json).toList());
            }
        }
        return json;
    }

    private static Map<String, Object> json(ToolCall call) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", call.id());
        json.put("name", call.name());
        json.put("arguments", call.arguments());
        return json;
    }

    private static List<Object> json(int... numbers) {
        return Arrays.stream(numbers).mapToObj(number -> (Object) (long) number).toList();
    }

    private static Message message(Object json) {
        Map<?, ?> map = (Map<?, ?>) json;
        String role = (String) map.get("role");
        String content = (String) map.get("content");
        return switch (role) {
            case "system" -> Message.system(content);
            case "user" -> Message.user(content);
            case "tool" -> new Message.Tool((String) map.get("call"), (String) map.get("name"), content);
            case "assistant" ->
                new Message.Assistant(
                        content,
                        Optional.ofNullable((String) map.get("reasoning")),
                        list(map.get("calls")).stream().map(ChatState::call).toList());
            default -> throw new IllegalArgumentException("role " + role);
        };
    }

    private static ToolCall call(Object json) {
        Map<?, ?> map = (Map<?, ?>) json;
        Map<?, ?> arguments = (Map<?, ?>) map.get("arguments");
        return ToolCall.of((String) map.get("id"), (String) map.get("name"), Json.write(arguments));
    }

    private static List<?> list(Object json) {
        return (List<?>) json;
    }

    /** Returns numbers from 0 to the greatest one allowed. */
    private static int[] ints(Object json, int max) {
        return list(json).stream()
                .mapToInt(number -> Checks.range("number", Math.toIntExact((Long) number), 0, max))
                .toArray();
    }
}
