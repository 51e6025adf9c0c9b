package dev.skald.server.ollama;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skald.runtime.chat.Message;
import dev.skald.runtime.chat.ToolCall;
import dev.skald.runtime.chat.ToolCallDelta;
import dev.skald.runtime.chat.ToolChoice;
import dev.skald.runtime.chat.ToolDefinition;
import dev.skald.runtime.embed.Embedding;
import dev.skald.runtime.generate.FinishReason;
import dev.skald.runtime.generate.GenerationOptions;
import dev.skald.runtime.generate.GenerationResult;
import dev.skald.runtime.generate.Token;
import dev.skald.server.http.ApiError;
import dev.skald.server.http.Body;
import dev.skald.server.http.Exchange;
import dev.skald.server.http.Json;
import dev.skald.server.http.Stream;
import dev.skald.server.serving.ChatJob;
import dev.skald.server.serving.Formats;
import dev.skald.server.serving.Generator;
import dev.skald.server.serving.Listener;
import dev.skald.server.serving.Models;
import dev.skald.server.serving.ServedModel;
import dev.skald.server.serving.Vectors;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** The routes {@code /api/...} of Ollama that generate and embed. */
public final class OllamaApi {
    /** Parameters in which ollama4j sends its own state. */
    private static final String[] NOTES = {"useTools", "mcptool", "mcpServerName", "mcpServerParameters"};

    private final Models models;

    public OllamaApi(Models models) {
        this.models = models;
    }

    /** Answers a conversation. */
    public void chat(Exchange exchange) {
        Body body = exchange.body();
        ServedModel served = models.find(Optional.of(body.requiredString("model")));
        List<Message> messages = messages(body);
        ChatJob.Calls calls = new ChatJob.Calls(tools(body), ToolChoice.AUTO, true);
        OllamaOptions options = OllamaOptions.read(body);
        Consumer<GenerationOptions> settings = options.settings().andThen(format(body));
        Map<String, Object> variables = thinking(body);
        boolean streams = body.flag("stream", true);
        body.without("keep_alive");
        body.without(NOTES);
        body.end();
        if (messages.isEmpty()) {
            ObjectNode loaded = line(served);
            loaded.putObject("message").put("role", "assistant").put("content", "");
            sendLoaded(exchange, loaded);
            return;
        }
        ChatJob job = new ChatJob(messages, calls, variables, Integer.MAX_VALUE, settings, options.seed(), 1);
        answer(exchange, served, job, streams, true);
    }

    /** Continues a text. The chat template writes the prompt, unless the request is raw. */
    public void generate(Exchange exchange) {
        Body body = exchange.body();
        ServedModel served = models.find(Optional.of(body.requiredString("model")));
        String prompt = body.string("prompt").orElse("");
        boolean raw = body.flag("raw", false);
        List<Message> messages = new ArrayList<>();
        body.string("system").ifPresent(text -> messages.add(Message.system(text)));
        messages.add(Message.user(prompt));
        OllamaOptions options = OllamaOptions.read(body);
        Consumer<GenerationOptions> settings = options.settings().andThen(format(body));
        Map<String, Object> variables = thinking(body);
        boolean streams = body.flag("stream", true);
        body.only("suffix", Json.parse("\"\""), "a text is filled in by /infill");
        body.without("keep_alive");
        body.without(NOTES);
        body.end();
        if (prompt.isEmpty()) {
            sendLoaded(exchange, line(served).put("response", ""));
            return;
        }
        boolean template = served.model().metadata().contains("tokenizer.chat_template");
        if (raw || !template) {
            int[] tokens = served.model().tokenizer().encode(prompt, true, true);
            Reply reply = new Reply(exchange, served, streams, false);
            Generator.complete(
                    served,
                    tokens,
                    true,
                    List.of(all -> {
                        settings.accept(all);
                        options.seed().ifPresent(all::seed);
                    }),
                    reply,
                    exchange.log());
            return;
        }
        ChatJob job =
                new ChatJob(messages, ChatJob.Calls.NONE, variables, Integer.MAX_VALUE, settings, options.seed(), 1);
        answer(exchange, served, job, streams, false);
    }

    /** Answers a request without a question. It asks to load the model, which is loaded already. */
    private static void sendLoaded(Exchange exchange, ObjectNode line) {
        exchange.send(line.put("done", true).put("done_reason", "load"));
    }

    /** Pulls a model. A model that is served needs no work; others are not downloaded. */
    public void pull(Exchange exchange) {
        Body body = exchange.body();
        String name = body.string("model").or(() -> body.string("name")).orElseThrow(() -> body.missing("model"));
        boolean streams = body.flag("stream", true);
        body.without("insecure");
        body.end();
        if (models.exact(name).isEmpty()) {
            throw ApiError.of(
                    ApiError.Kind.NOT_FOUND,
                    "this server fetches no models, and has no '" + name + "'; it has "
                            + models.all().stream().map(ServedModel::name).collect(Collectors.joining(", ")));
        }
        Stream stream = exchange.stream(streams ? Stream.Form.LINES : Stream.Form.WHOLE);
        ObjectNode success = Json.object().put("status", "success");
        if (streams) {
            stream.send(success);
            stream.end();
        } else {
            stream.end(success);
        }
    }

    /** Refuses to manage models, since they are chosen when the server starts. */
    public void unmanaged(Exchange exchange) {
        throw ApiError.of(
                ApiError.Kind.NOT_SUPPORTED,
                "this server does not manage models: it serves those that it was started with");
    }

    /** Embeds one or more texts. */
    public void embed(Exchange exchange) {
        Body body = exchange.body();
        ServedModel served = models.find(Optional.of(body.requiredString("model")));
        List<String> texts = body.strings("input");
        if (texts.isEmpty()) {
            throw body.missing("input");
        }
        boolean truncates = body.flag("truncate", true);
        OptionalInt dimensions = body.integer("dimensions", 1, Integer.MAX_VALUE);
        body.without("keep_alive", "options");
        body.end();
        long start = System.nanoTime();
        List<Embedding> made = Vectors.embed(
                served,
                options -> {
                    options.truncate(truncates);
                    dimensions.ifPresent(options::dimensions);
                },
                embedder -> embedder.embed(texts),
                exchange.log());
        ObjectNode all = Json.object();
        all.put("model", served.name());
        ArrayNode vectors = all.putArray("embeddings");
        made.forEach(one -> numbers(vectors.addArray(), one));
        all.put("total_duration", System.nanoTime() - start);
        all.put("load_duration", 0);
        all.put("prompt_eval_count", made.stream().mapToInt(Embedding::tokens).sum());
        exchange.send(all);
    }

    /** Embeds one text for older clients, without normalizing the vector to length 1. */
    public void embeddings(Exchange exchange) {
        Body body = exchange.body();
        ServedModel served = models.find(Optional.of(body.requiredString("model")));
        String text = body.requiredString("prompt");
        body.without("keep_alive", "options");
        body.end();
        List<Embedding> made = Vectors.embed(
                served, options -> options.normalize(false), embedder -> embedder.embed(List.of(text)), exchange.log());
        ObjectNode all = Json.object();
        numbers(all.putArray("embedding"), made.getFirst());
        exchange.send(all);
    }

    private static void numbers(ArrayNode to, Embedding from) {
        for (float number : from.vector()) {
            to.add(number);
        }
    }

    private static void answer(Exchange exchange, ServedModel served, ChatJob job, boolean streams, boolean chat) {
        Generator.chat(served, job, new Reply(exchange, served, streams, chat), exchange.log());
    }

    /** Reads the form of the answer: JSON, or JSON that matches a schema. */
    private static Consumer<GenerationOptions> format(Body body) {
        JsonNode format = body.value("format").orElse(Json.array());
        if (format.isObject()) {
            return Formats.schema(format, "format");
        }
        if (format.isTextual() && format.textValue().equals("json")) {
            return Formats.object();
        }
        if (!format.isEmpty() || format.isTextual() && !format.textValue().isEmpty()) {
            throw body.error("format", "must be 'json' or a JSON schema");
        }
        return options -> {};
    }

    private static Map<String, Object> thinking(Body body) {
        return body.value("think")
                .map(value -> Map.<String, Object>of("enable_thinking", !value.isBoolean() || value.booleanValue()))
                .orElse(Map.of());
    }

    private static List<Message> messages(Body body) {
        List<Message> messages = new ArrayList<>();
        // A result names a function but not a call. The results belong to the calls in order.
        Deque<ToolCall> open = new ArrayDeque<>();
        for (Body one : body.objects("messages")) {
            String role = one.requiredString("role");
            String content = one.string("content").orElse("");
            one.value("images").filter(images -> !images.isEmpty()).ifPresent(images -> {
                throw one.error("images", "cannot be read by the models here");
            });
            switch (role) {
                case "system" -> messages.add(Message.system(content));
                case "user" -> messages.add(Message.user(content));
                case "assistant" -> {
                    List<ToolCall> calls = new ArrayList<>();
                    for (Body call : one.objects("tool_calls")) {
                        Body function = call.object("function").orElseThrow(() -> call.missing("function"));
                        JsonNode arguments = function.value("arguments").orElseGet(Json::object);
                        if (!arguments.isObject()) {
                            throw function.wrong("arguments", "an object", arguments);
                        }
                        calls.add(ToolCall.of(ToolCall.newId(), function.requiredString("name"), Json.text(arguments)));
                        function.without("index");
                        function.end();
                        call.without("id", "type");
                        call.end();
                    }
                    open.addAll(calls);
                    messages.add(new Message.Assistant(content, one.string("thinking"), calls));
                }
                case "tool" -> {
                    Optional<String> name = one.string("tool_name").or(() -> one.string("name"));
                    ToolCall call = open.stream()
                            .filter(c -> name.isEmpty() || c.name().equals(name.get()))
                            .findFirst()
                            .orElseThrow(() -> one.error("role", "is 'tool', and there is no call to answer"));
                    open.remove(call);
                    messages.add(Message.tool(call, content));
                }
                default -> throw one.error("role", "is '" + role + "'; there are system, user, assistant and tool");
            }
            one.without("tool_call_id", "thinking", "name", "tool_name");
            one.end();
        }
        return messages;
    }

    private static List<ToolDefinition> tools(Body body) {
        List<ToolDefinition> tools = new ArrayList<>();
        for (Body tool : body.objects("tools")) {
            Body function = tool.object("function").orElseThrow(() -> tool.missing("function"));
            JsonNode parameters = function.value("parameters").orElseGet(Json::object);
            String name = function.requiredString("name");
            String description = function.string("description").orElse("");
            function.without("strict");
            function.end();
            tool.without("type");
            tool.without(NOTES);
            tool.end();
            try {
                tools.add(ToolDefinition.of(name, description, Json.text(parameters)));
            } catch (IllegalArgumentException e) {
                throw function.error("parameters", "is not a JSON schema: " + e.getMessage());
            }
        }
        return tools;
    }

    private static ObjectNode line(ServedModel served) {
        ObjectNode line = Json.object();
        line.put("model", served.name());
        line.put("created_at", Instant.now().toString());
        return line;
    }

    /** Writes the answer as lines or as one object. */
    private static final class Reply implements Listener {
        private final Stream stream;
        private final ServedModel served;
        private final boolean streams;
        private final boolean chat;
        private final long start = System.nanoTime();
        private final StringBuilder text = new StringBuilder();
        private final StringBuilder thoughts = new StringBuilder();

        Reply(Exchange exchange, ServedModel served, boolean streams, boolean chat) {
            stream = exchange.stream(streams ? Stream.Form.LINES : Stream.Form.WHOLE);
            this.served = served;
            this.streams = streams;
            this.chat = chat;
        }

        private ObjectNode line(String content, Consumer<ObjectNode> message) {
            ObjectNode line = OllamaApi.line(served);
            if (chat) {
                message.accept(
                        line.putObject("message").put("role", "assistant").put("content", content));
            } else {
                line.put("response", content);
            }
            return line;
        }

        @Override
        public void working(int toRead) {
            stream.tick();
        }

        @Override
        public void token(int answer, Token token) {
            if (streams && !(token.text().isEmpty() && token.reasoning().isEmpty())) {
                ObjectNode line = line(token.text(), message -> {});
                stream.send(withThinking(line, token.reasoning()).put("done", false));
            } else {
                text.append(token.text());
                thoughts.append(token.reasoning());
                stream.tick();
            }
        }

        private ObjectNode withThinking(ObjectNode line, String thinking) {
            if (!thinking.isEmpty()) {
                (chat ? (ObjectNode) line.get("message") : line).put("thinking", thinking);
            }
            return line;
        }

        @Override
        public void calls(int answer, List<ToolCallDelta> deltas) {
            // The complete calls come at the end.
        }

        @Override
        public void end(int answer, GenerationResult result, List<ToolCall> calls) {
            ObjectNode last = line(text.toString(), message -> {
                if (!calls.isEmpty()) {
                    ArrayNode all = message.putArray("tool_calls");
                    calls.forEach(call -> {
                        ObjectNode function = all.addObject().putObject("function");
                        function.put("name", call.name());
                        function.set("arguments", Json.parse(call.argumentsJson()));
                    });
                }
            });
            boolean cut = result.reason() == FinishReason.MAX_TOKENS || result.reason() == FinishReason.CONTEXT_FULL;
            withThinking(last, thoughts.toString());
            last.put("done", true);
            last.put("done_reason", cut ? "length" : "stop");
            last.put("total_duration", System.nanoTime() - start);
            last.put("load_duration", 0);
            last.put("prompt_eval_count", result.promptTokens() + result.cachedTokens());
            last.put("prompt_eval_duration", result.promptTime().toNanos());
            last.put("eval_count", result.generatedTokens());
            last.put("eval_duration", result.generationTime().toNanos());
            if (streams) {
                stream.send(last);
                stream.end();
            } else {
                stream.end(last);
            }
        }
    }
}
