package dev.skald.server.ollama;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skald.gguf.GgufMetadata;
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

/** The routes {@code /api/...} for Ollama's clients. */
public final class OllamaApi {
    /** The version of Ollama whose API this is. Clients check it. */
    private static final String VERSION = "0.12.0";

    /** Parameters in which ollama4j sends its own state. */
    private static final String[] NOTES = {"useTools", "mcptool", "mcpServerName", "mcpServerParameters"};

    private final Models models;

    public OllamaApi(Models models) {
        this.models = models;
    }

    public void version(Exchange exchange) {
        exchange.send(Json.object().put("version", VERSION));
    }

    /** Lists the models. */
    public void tags(Exchange exchange) {
        list(exchange, false);
    }

    /** Lists the models in memory, which are all models. */
    public void running(Exchange exchange) {
        list(exchange, true);
    }

    private void list(Exchange exchange, boolean running) {
        ObjectNode all = Json.object();
        ArrayNode list = all.putArray("models");
        for (ServedModel served : models.all()) {
            ObjectNode model = list.addObject();
            model.put("name", served.name());
            model.put("model", served.name());
            model.put("size", served.model().weightBytes());
            model.put("digest", "");
            model.set("details", details(served));
            if (running) {
                model.put("size_vram", 0);
                model.put("context_length", served.contextLength());
            } else {
                model.put("modified_at", served.since().toString());
            }
        }
        exchange.send(all);
    }

    private static ObjectNode details(ServedModel served) {
        GgufMetadata metadata = served.model().metadata();
        String family = metadata.getString("general.architecture", "");
        ObjectNode details = Json.object();
        details.put("format", "gguf");
        details.put("family", family);
        details.putArray("families").add(family);
        details.put("parameter_size", metadata.getString("general.size_label", ""));
        details.put("quantization_level", "");
        return details;
    }

    /** Describes a model and its abilities. */
    public void show(Exchange exchange) {
        Body body = exchange.body();
        String name = body.string("model").or(() -> body.string("name")).orElseThrow(() -> body.missing("model"));
        body.without("verbose", "system", "template", "options");
        body.end();
        ServedModel served = models.find(Optional.of(name));
        ObjectNode all = Json.object();
        all.put("modelfile", "FROM " + served.name());
        all.put("parameters", "");
        String template = served.model().metadata().getString("tokenizer.chat_template", "");
        all.put("template", template);
        all.set("details", details(served));
        String architecture = served.model().metadata().getString("general.architecture", "");
        all.putObject("model_info")
                .put("general.architecture", architecture)
                .put(architecture + ".context_length", served.contextLength());
        ArrayNode capabilities = all.putArray("capabilities").add("completion");
        if (template.contains("tools")) {
            capabilities.add("tools");
        }
        exchange.send(all);
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
            // An empty prompt asks to load the model, which is loaded already.
            ObjectNode loaded = line(served);
            loaded.put("response", "").put("done", true).put("done_reason", "load");
            exchange.send(loaded);
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
            return GenerationOptions::json;
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
        if (messages.isEmpty()) {
            throw body.missing("messages");
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
                throw function.error("parameters", "is no JSON schema: " + e.getMessage());
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
        public void working() {
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
