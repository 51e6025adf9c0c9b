package dev.skald.server.openai;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skald.runtime.chat.Message;
import dev.skald.runtime.chat.ToolCall;
import dev.skald.runtime.chat.ToolCallDelta;
import dev.skald.runtime.generate.FinishReason;
import dev.skald.runtime.generate.GenerationResult;
import dev.skald.runtime.generate.Token;
import dev.skald.server.http.Json;
import dev.skald.server.http.Stream;
import dev.skald.server.serving.Ids;
import dev.skald.server.serving.Listener;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Writes a response: its items in order, as events if requested, and completely at the end. */
final class ResponseWriter implements Listener {
    private final ResponseRequest request;
    private final Stream stream;
    private final String id = Ids.random("resp_");
    private final long created = Instant.now().getEpochSecond();
    private final ArrayNode output = Json.array();
    private final List<ToolCall> calls = new ArrayList<>();

    /** The current item; null for none. */
    private ObjectNode item;

    /** The text of the item, or the arguments of its call. */
    private final StringBuilder text = new StringBuilder();

    private ArrayNode logprobs = Json.array();

    /** The probabilities of tokens whose text is not whole characters yet. */
    private final List<ObjectNode> held = new ArrayList<>();

    /** The index of the call of the current item; -1 if it is not a call. */
    private int call = -1;

    private final StringBuilder said = new StringBuilder();
    private final StringBuilder thoughts = new StringBuilder();
    private int reasoningTokens;
    private GenerationResult result;
    private int sequence;
    private boolean begun;

    ResponseWriter(ResponseRequest request, Stream stream) {
        this.request = request;
        this.stream = stream;
    }

    String id() {
        return id;
    }

    /** Returns the conversation with the answer. */
    List<Message> conversation() {
        List<Message> all = new ArrayList<>(request.conversation());
        Optional<String> reasoning = thoughts.isEmpty() ? Optional.empty() : Optional.of(thoughts.toString());
        all.add(new Message.Assistant(said.toString(), reasoning, calls));
        return List.copyOf(all);
    }

    /** Returns the current state of the response. */
    ObjectNode response() {
        ObjectNode all = Json.object();
        all.put("id", id);
        all.put("object", "response");
        all.put("created_at", created);
        all.put("status", result == null ? "in_progress" : isCut() ? "incomplete" : "completed");
        all.putNull("error");
        if (result != null && isCut()) {
            all.putObject("incomplete_details").put("reason", "max_output_tokens");
        } else {
            all.putNull("incomplete_details");
        }
        all.put("model", request.served().name());
        all.set("output", output.deepCopy());
        all.setAll(request.echo());
        all.set("usage", result == null ? null : usage());
        return all;
    }

    private boolean isCut() {
        return result.reason() == FinishReason.MAX_TOKENS || result.reason() == FinishReason.CONTEXT_FULL;
    }

    private ObjectNode usage() {
        int prompt = result.promptTokens() + result.cachedTokens();
        ObjectNode usage = Json.object();
        usage.put("input_tokens", prompt);
        usage.putObject("input_tokens_details")
                .put("cached_tokens", result.cachedTokens())
                .put("cache_write_tokens", 0);
        usage.put("output_tokens", result.generatedTokens());
        usage.putObject("output_tokens_details").put("reasoning_tokens", reasoningTokens);
        usage.put("total_tokens", prompt + result.generatedTokens());
        return usage;
    }

    // Events.

    private ObjectNode event(String type) {
        return Json.object().put("type", type).put("sequence_number", sequence++);
    }

    private ObjectNode itemEvent(String type) {
        return event(type).put("item_id", item.get("id").textValue()).put("output_index", output.size());
    }

    private ObjectNode partEvent(String type) {
        return itemEvent(type).put("content_index", 0);
    }

    private void send(ObjectNode event) {
        if (request.streams()) {
            stream.send(event.get("type").textValue(), event);
        }
    }

    private void begin() {
        if (!begun) {
            begun = true;
            send(event("response.created").set("response", response()));
            send(event("response.in_progress").set("response", response()));
        }
    }

    @Override
    public void working(int toRead) {
        if (request.streams()) {
            begin();
        }
        stream.tick();
    }

    @Override
    public void token(int answer, Token token) {
        begin();
        boolean sent = false;
        if (!token.reasoning().isEmpty()) {
            reasoningTokens++;
            open("reasoning");
            thoughts.append(token.reasoning());
            text.append(token.reasoning());
            send(partEvent("response.reasoning_text.delta").put("delta", token.reasoning()));
            sent = true;
        }
        if (request.logprobs() && token.reasoning().isEmpty()) {
            held.add(Logprobs.entry(request.served().model().tokenizer(), token));
        }
        if (!token.text().isEmpty()) {
            open("message");
            said.append(token.text());
            text.append(token.text());
            ObjectNode delta = partEvent("response.output_text.delta").put("delta", token.text());
            delta.putArray("logprobs").addAll(held);
            logprobs.addAll(held);
            held.clear();
            send(delta);
            sent = true;
        }
        if (!sent || !request.streams()) {
            stream.tick();
        }
    }

    @Override
    public void calls(int answer, List<ToolCallDelta> deltas) {
        begin();
        for (ToolCallDelta delta : deltas) {
            if (delta.index() != call) {
                close("completed");
                call = delta.index();
                item = Json.object().put("type", "function_call").put("id", Ids.random("fc_"));
                item.put("call_id", delta.id());
                item.put("name", delta.name()).put("arguments", "").put("status", "in_progress");
                added();
            }
            text.append(delta.arguments());
            send(itemEvent("response.function_call_arguments.delta").put("delta", delta.arguments()));
        }
    }

    /** Begins an item of a type, unless the current item has that type. */
    private void open(String type) {
        if (item != null && item.get("type").textValue().equals(type)) {
            return;
        }
        close("completed");
        item = Json.object().put("type", type);
        if (type.equals("message")) {
            item.put("id", Ids.random("msg_")).put("role", "assistant").putArray("content");
        } else {
            item.put("id", Ids.random("rs_")).putArray("summary");
            item.putArray("content");
        }
        item.put("status", "in_progress");
        added();
        send(partEvent("response.content_part.added").set("part", part()));
    }

    private void added() {
        send(event("response.output_item.added")
                .put("output_index", output.size())
                .set("item", item.deepCopy()));
    }

    /** Returns the item's text as a part. */
    private ObjectNode part() {
        boolean message = item.get("type").textValue().equals("message");
        ObjectNode part = Json.object().put("type", message ? "output_text" : "reasoning_text");
        part.put("text", text.toString());
        if (message) {
            part.putArray("annotations");
            part.set("logprobs", logprobs);
        }
        return part;
    }

    /** Ends the current item. */
    private void close(String status) {
        if (item == null) {
            return;
        }
        switch (item.get("type").textValue()) {
            case "function_call" -> {
                item.put("arguments", text.toString());
                send(itemEvent("response.function_call_arguments.done")
                        .put("name", item.get("name").textValue())
                        .put("arguments", text.toString()));
            }
            case "message" -> {
                send(partEvent("response.output_text.done")
                        .put("text", text.toString())
                        .set("logprobs", logprobs));
                endPart();
            }
            default -> {
                send(partEvent("response.reasoning_text.done").put("text", text.toString()));
                endPart();
            }
        }
        item.put("status", status);
        send(event("response.output_item.done")
                .put("output_index", output.size())
                .set("item", item.deepCopy()));
        output.add(item);
        item = null;
        call = -1;
        text.setLength(0);
        logprobs = Json.array();
    }

    private void endPart() {
        ObjectNode part = part();
        send(partEvent("response.content_part.done").set("part", part));
        ((ArrayNode) item.get("content")).add(part);
    }

    @Override
    public void end(int answer, GenerationResult ended, List<ToolCall> whole) {
        begin();
        result = ended;
        if (output.isEmpty() && item == null) {
            open("message");
        }
        close(isCut() ? "incomplete" : "completed");
        calls.addAll(whole);
    }

    /** Ends the answer. */
    void finish() {
        if (request.streams()) {
            send(event(isCut() ? "response.incomplete" : "response.completed").set("response", response()));
            stream.end();
        } else {
            stream.end(response());
        }
    }
}
