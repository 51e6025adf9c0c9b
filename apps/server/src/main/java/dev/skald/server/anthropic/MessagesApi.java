package dev.skald.server.anthropic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skald.runtime.chat.Message;
import dev.skald.runtime.chat.ToolCall;
import dev.skald.runtime.chat.ToolCallDelta;
import dev.skald.runtime.chat.ToolChoice;
import dev.skald.runtime.chat.ToolDefinition;
import dev.skald.runtime.generate.FinishReason;
import dev.skald.runtime.generate.GenerationOptions;
import dev.skald.runtime.generate.GenerationResult;
import dev.skald.runtime.generate.Token;
import dev.skald.server.http.Body;
import dev.skald.server.http.Exchange;
import dev.skald.server.http.Json;
import dev.skald.server.http.Stream;
import dev.skald.server.serving.ChatJob;
import dev.skald.server.serving.Formats;
import dev.skald.server.serving.Generator;
import dev.skald.server.serving.Ids;
import dev.skald.server.serving.Listener;
import dev.skald.server.serving.Models;
import dev.skald.server.serving.ServedModel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Consumer;

/** {@code POST /v1/messages} and {@code /v1/messages/count_tokens}, for Anthropic's clients. */
public final class MessagesApi {
    private final Models models;

    public MessagesApi(Models models) {
        this.models = models;
    }

    /** Answers a conversation. */
    public void create(Exchange exchange) {
        Body body = exchange.body();
        ServedModel served = models.find(body.string("model"));
        List<Message> messages = MessageReader.read(body);
        ChatJob.Calls calls = calls(body);
        List<Consumer<GenerationOptions>> settings = new ArrayList<>();
        int most = body.integer("max_tokens", 1, Integer.MAX_VALUE).orElseThrow(() -> body.missing("max_tokens"));
        settings.add(options -> options.maxTokens(most));
        body.number("temperature", 0, 1).ifPresent(t -> settings.add(options -> options.temperature((float) t)));
        body.number("top_p", 0, 1).ifPresent(p -> settings.add(options -> options.topP((float) p)));
        body.integer("top_k", 0, Integer.MAX_VALUE).ifPresent(k -> settings.add(options -> options.topK(k)));
        List<String> stops = body.strings("stop_sequences");
        if (stops.contains("")) {
            throw body.error("stop_sequences", "must not be empty");
        }
        settings.add(options -> options.stop(stops.toArray(String[]::new)));
        Thinking thinking = Thinking.read(body);
        Map<String, Object> variables = new HashMap<>(thinking.variables());
        output(body, settings, variables);
        boolean streams = body.flag("stream", false);
        body.without("metadata", "service_tier", "cache_control");
        body.end();

        Stream stream = exchange.stream(streams ? Stream.Form.EVENTS : Stream.Form.WHOLE);
        Reply reply = streams ? new Events(served, stream) : new Whole(served, stream);
        ChatJob job = new ChatJob(
                messages,
                calls,
                variables,
                thinking.most(),
                options -> settings.forEach(setting -> setting.accept(options)),
                OptionalLong.empty(),
                1);
        Generator.chat(served, job, reply, exchange.log());
    }

    /** Reads the form of the answer and the effort. */
    private static void output(Body body, List<Consumer<GenerationOptions>> settings, Map<String, Object> variables) {
        body.object("output_config").ifPresent(config -> {
            config.string("effort").ifPresent(effort -> variables.put("reasoning_effort", effort));
            config.object("format").ifPresent(format -> {
                String type = format.requiredString("type");
                if (!type.equals("json_schema")) {
                    throw format.error("type", "is '" + type + "'; there is json_schema");
                }
                JsonNode schema = format.value("schema").orElseThrow(() -> format.missing("schema"));
                format.end();
                settings.add(Formats.schema(schema, "output_config.format.schema"));
            });
            config.end();
        });
    }

    private static ChatJob.Calls calls(Body body) {
        List<ToolDefinition> tools = MessageReader.tools(body);
        Body choice = body.object("tool_choice").orElse(null);
        if (choice == null) {
            return new ChatJob.Calls(tools, ToolChoice.AUTO, true);
        }
        boolean parallel = !choice.flag("disable_parallel_tool_use", false);
        String type = choice.requiredString("type");
        ToolChoice wanted = switch (type) {
            case "none" -> ToolChoice.NONE;
            case "auto" -> ToolChoice.AUTO;
            case "any" -> ToolChoice.REQUIRED;
            case "tool" -> ToolChoice.named(choice.requiredString("name"));
            default -> throw choice.error("type", "is '" + type + "'; there are none, auto, any and tool");
        };
        choice.end();
        ChatJob.Calls calls = new ChatJob.Calls(tools, wanted, parallel);
        if (!calls.isPossible()) {
            throw body.error("tool_choice", "asks for a function that 'tools' does not have");
        }
        return calls;
    }

    /**
     * The settings for thoughts.
     *
     * @param variables the variables of the template
     */
    private record Thinking(Map<String, Object> variables, int most) {
        static Thinking read(Body body) {
            Body thinking = body.object("thinking").orElse(null);
            if (thinking == null) {
                return new Thinking(Map.of(), Integer.MAX_VALUE);
            }
            boolean wanted = !thinking.requiredString("type").equals("disabled");
            int most = thinking.integer("budget_tokens", 1, Integer.MAX_VALUE).orElse(Integer.MAX_VALUE);
            thinking.end();
            return new Thinking(Map.of("enable_thinking", wanted, "thinking", wanted), most);
        }
    }

    /** Counts the tokens in the prompt of a conversation. */
    public void countTokens(Exchange exchange) {
        Body body = exchange.body();
        ServedModel served = models.find(body.string("model"));
        List<Message> messages = MessageReader.read(body);
        ChatJob.Calls calls = calls(body);
        Map<String, Object> variables = new HashMap<>(Thinking.read(body).variables());
        output(body, new ArrayList<>(), variables);
        body.without("metadata", "cache_control");
        body.end();
        int tokens = Generator.promptTokens(served, messages, calls, variables).length;
        exchange.send(Json.object().put("input_tokens", tokens));
    }

    /** The common part of complete and streamed answers. */
    private abstract static class Reply implements Listener {
        final ServedModel served;
        final Stream stream;
        final String id = Ids.random("msg_");

        Reply(ServedModel served, Stream stream) {
            this.served = served;
            this.stream = stream;
        }

        ObjectNode message(ArrayNode content, String reason, String stop, JsonNode usage) {
            ObjectNode message = Json.object();
            message.put("id", id);
            message.put("type", "message");
            message.put("role", "assistant");
            message.put("model", served.name());
            message.set("content", content);
            message.put("stop_reason", reason);
            message.put("stop_sequence", stop);
            message.set("usage", usage);
            return message;
        }

        @Override
        public void working(int toRead) {
            stream.tick();
        }
    }

    private static ObjectNode usage(int prompt, int cached, int generated) {
        ObjectNode usage = Json.object();
        usage.put("input_tokens", prompt - cached);
        usage.put("cache_creation_input_tokens", 0);
        usage.put("cache_read_input_tokens", cached);
        usage.put("output_tokens", generated);
        return usage;
    }

    private static ObjectNode usage(GenerationResult result) {
        return usage(result.promptTokens() + result.cachedTokens(), result.cachedTokens(), result.generatedTokens());
    }

    private static String reason(GenerationResult result, List<ToolCall> calls) {
        if (!calls.isEmpty()) {
            return "tool_use";
        }
        return switch (result.reason()) {
            case MAX_TOKENS, CONTEXT_FULL -> "max_tokens";
            case STOP -> "stop_sequence";
            default -> "end_turn";
        };
    }

    private static String stop(GenerationResult result) {
        return result.reason() == FinishReason.STOP ? result.stop() : null;
    }

    private static ObjectNode call(ToolCall call, JsonNode input) {
        ObjectNode block = Json.object();
        block.put("type", "tool_use");
        block.put("id", call.id());
        block.put("name", call.name());
        block.set("input", input);
        return block;
    }

    private static ObjectNode thinking(String text) {
        return Json.object().put("type", "thinking").put("thinking", text).put("signature", "");
    }

    private static final class Whole extends Reply {
        private final StringBuilder text = new StringBuilder();
        private final StringBuilder thoughts = new StringBuilder();

        Whole(ServedModel served, Stream stream) {
            super(served, stream);
        }

        @Override
        public void token(int answer, Token token) {
            text.append(token.text());
            thoughts.append(token.reasoning());
            stream.tick();
        }

        @Override
        public void calls(int answer, List<ToolCallDelta> deltas) {
            // The complete calls come at the end.
        }

        @Override
        public void end(int answer, GenerationResult result, List<ToolCall> calls) {
            ArrayNode content = Json.array();
            if (!thoughts.isEmpty()) {
                content.add(thinking(thoughts.toString()));
            }
            if (!text.isEmpty() || calls.isEmpty()) {
                content.addObject().put("type", "text").put("text", text.toString());
            }
            calls.forEach(call -> content.add(call(call, Json.parse(call.argumentsJson()))));
            stream.end(message(content, reason(result, calls), stop(result), usage(result)));
        }
    }

    private static final class Events extends Reply {
        private int block = -1;

        /** The type of the open block; empty if none is open. */
        private String open = "";

        private int call = -1;
        private boolean begun;
        private int toRead;

        Events(ServedModel served, Stream stream) {
            super(served, stream);
        }

        private static ObjectNode event(String type) {
            return Json.object().put("type", type);
        }

        private void send(ObjectNode event) {
            stream.send(event.get("type").textValue(), event);
        }

        private void begin() {
            if (!begun) {
                begun = true;
                // How many more tokens were in the cache is known at the end.
                send(event("message_start").set("message", message(Json.array(), null, null, usage(toRead, 0, 0))));
            }
        }

        private void beginBlock(ObjectNode content) {
            endBlock();
            open = content.get("type").textValue();
            block++;
            ObjectNode event = event("content_block_start").put("index", block);
            send(event.set("content_block", content));
        }

        private void delta(ObjectNode delta) {
            ObjectNode event = event("content_block_delta").put("index", block);
            send(event.set("delta", delta));
        }

        private void endBlock() {
            if (!open.isEmpty()) {
                open = "";
                send(event("content_block_stop").put("index", block));
            }
        }

        @Override
        public void working(int toRead) {
            if (begun) {
                super.working(toRead);
            } else {
                this.toRead = toRead;
                // Clients wait for this event first.
                begin();
                send(event("ping"));
            }
        }

        @Override
        public void token(int answer, Token token) {
            begin();
            if (!token.reasoning().isEmpty()) {
                if (!open.equals("thinking")) {
                    beginBlock(thinking(""));
                }
                delta(Json.object().put("type", "thinking_delta").put("thinking", token.reasoning()));
            }
            if (token.text().isEmpty()) {
                stream.tick();
                return;
            }
            if (!open.equals("text")) {
                beginBlock(Json.object().put("type", "text").put("text", ""));
            }
            delta(Json.object().put("type", "text_delta").put("text", token.text()));
        }

        @Override
        public void calls(int answer, List<ToolCallDelta> deltas) {
            begin();
            for (ToolCallDelta one : deltas) {
                if (one.index() != call) {
                    call = one.index();
                    ObjectNode content = Json.object()
                            .put("type", "tool_use")
                            .put("id", one.id())
                            .put("name", one.name());
                    beginBlock(content.set("input", Json.object()));
                }
                delta(Json.object().put("type", "input_json_delta").put("partial_json", one.arguments()));
            }
        }

        @Override
        public void end(int answer, GenerationResult result, List<ToolCall> calls) {
            begin();
            endBlock();
            ObjectNode delta = event("message_delta");
            delta.putObject("delta").put("stop_reason", reason(result, calls)).put("stop_sequence", stop(result));
            delta.set("usage", usage(result));
            send(delta);
            send(event("message_stop"));
            stream.end();
        }
    }
}
