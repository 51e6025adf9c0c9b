package dev.skald.server.llama;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skald.runtime.generate.GenerationOptions;
import dev.skald.runtime.tokenizer.FillTokens;
import dev.skald.runtime.tokenizer.Tokenizer;
import dev.skald.server.http.ApiError;
import dev.skald.server.http.Body;
import dev.skald.server.http.Exchange;
import dev.skald.server.http.Json;
import dev.skald.server.http.Stream;
import dev.skald.server.openai.Prompts;
import dev.skald.server.openai.Sampling;
import dev.skald.server.serving.Formats;
import dev.skald.server.serving.Generator;
import dev.skald.server.serving.Models;
import dev.skald.server.serving.ServedModel;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** {@code POST /completion} and {@code POST /infill}, as in llama-server. */
final class TextCompletions {
    private static final double HOTTEST = 100;
    private static final int MOST_PROBABILITIES = 1000;
    private static final int MOST_COMPLETIONS = 128;

    private final Models models;

    TextCompletions(Models models) {
        this.models = models;
    }

    /**
     * The settings of a request, without its prompt.
     *
     * @param each the settings of each text that continues a prompt
     * @param prefixes whether a prompt may use the prefix cache
     * @param echo the settings as the answer repeats them
     */
    record Request(
            ServedModel served,
            List<Consumer<GenerationOptions>> each,
            boolean prefixes,
            boolean streams,
            boolean tokens,
            int probabilities,
            boolean timings,
            List<String> fields,
            ObjectNode echo) {}

    /** Continues one or more texts. */
    void complete(Exchange exchange) {
        Body body = exchange.body();
        ServedModel served = models.find(body.string("model"));
        List<int[]> prompts = Prompts.read(body, served.model());
        answer(exchange, body, served, prompts);
    }

    /** Fills in a text between two others. */
    void infill(Exchange exchange) {
        Body body = exchange.body();
        ServedModel served = models.find(body.string("model"));
        Tokenizer tokenizer = served.model().tokenizer();
        FillTokens marks = tokenizer
                .fill()
                .orElseThrow(() -> ApiError.of(
                        ApiError.Kind.NOT_SUPPORTED,
                        "the model '" + served.name() + "' cannot fill in texts: its vocabulary has no tokens for the"
                                + " prefix, suffix and middle; use a code model that was trained to"));
        IntStream.Builder prompt = IntStream.builder();
        if (tokenizer.addsBos()) {
            tokenizer.bos().ifPresent(prompt::add);
        }
        extra(body, tokenizer, marks, prompt);
        prompt.add(marks.prefix());
        text(tokenizer, body.requiredString("input_prefix"), prompt);
        prompt.add(marks.suffix());
        text(tokenizer, body.requiredString("input_suffix"), prompt);
        prompt.add(marks.middle());
        text(tokenizer, body.string("prompt").orElse(""), prompt);
        answer(exchange, body, served, List.of(prompt.build().toArray()));
    }

    /**
     * Adds other files, in the form of models that were trained on several files (Qwen2.5-Coder's report,
     * arXiv:2409.12186).
     */
    private static void extra(Body body, Tokenizer tokenizer, FillTokens marks, IntStream.Builder prompt) {
        List<Body> files = body.objects("input_extra");
        if (files.isEmpty()) {
            return;
        }
        marks.repository().ifPresent(mark -> {
            prompt.add(mark);
            text(tokenizer, "project\n", prompt);
        });
        for (Body file : files) {
            String name = file.string("filename").orElse("file");
            String content = file.requiredString("text");
            file.without("time");
            file.end();
            marks.file()
                    .ifPresentOrElse(
                            mark -> {
                                prompt.add(mark);
                                text(tokenizer, name + "\n", prompt);
                            },
                            () -> text(tokenizer, "\n\n", prompt));
            text(tokenizer, content, prompt);
        }
        marks.file().ifPresent(mark -> {
            prompt.add(mark);
            text(tokenizer, "file\n", prompt);
        });
    }

    /** Adds a text in which nothing counts as a mark. */
    private static void text(Tokenizer tokenizer, String text, IntStream.Builder prompt) {
        IntStream.of(tokenizer.encode(text)).forEach(prompt::add);
    }

    private static void answer(Exchange exchange, Body body, ServedModel served, List<int[]> prompts) {
        Request request = request(body, served);
        Stream stream = exchange.stream(request.streams() ? Stream.Form.EVENTS : Stream.Form.WHOLE);
        TextWriter writer = new TextWriter(request, stream);
        for (int i = 0; i < prompts.size(); i++) {
            writer.prompt(i * request.each().size(), prompts.get(i));
            Generator.complete(served, prompts.get(i), request.prefixes(), request.each(), writer, exchange.log());
        }
        writer.finish();
    }

    private static Request request(Body body, ServedModel served) {
        Sampling sampling = Sampling.read(body, served.model(), HOTTEST);
        int most = body.integer("n_predict", -2, Integer.MAX_VALUE)
                .orElse(body.integer("max_tokens", -2, Integer.MAX_VALUE).orElse(-1));
        body.without("max_tokens");
        if (most >= 0) {
            sampling.add(options -> options.maxTokens(most));
        }
        int probabilities = body.integer("n_probs", 0, MOST_PROBABILITIES).orElse(0);
        if (probabilities > 0) {
            sampling.add(options -> options.logprobs(probabilities));
        }
        body.string("grammar").filter(grammar -> !grammar.isEmpty()).ifPresent(grammar -> {
            body.refuse("json_schema", "cannot be had with 'grammar'");
            sampling.add(Formats.gbnf(grammar, "grammar"));
        });
        body.value("json_schema").ifPresent(schema -> sampling.add(Formats.schema(schema, "json_schema")));
        int count = body.integer("n_cmpl", 1, MOST_COMPLETIONS)
                .orElse(body.integer("n", 1, MOST_COMPLETIONS).orElse(1));
        body.without("n");
        // A seed below zero stands for a random seed.
        OptionalLong seed = Sampling.seed(body).stream()
                .filter(value -> value >= 0 && value != 0xFFFF_FFFFL)
                .findFirst();
        List<Consumer<GenerationOptions>> each = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int number = i;
            each.add(options -> {
                sampling.settings().accept(options);
                seed.ifPresent(first -> options.seed(first + number));
            });
        }
        unsupported(body);
        Request request = new Request(
                served,
                each,
                body.flag("cache_prompt", true),
                body.flag("stream", false),
                body.flag("return_tokens", false),
                probabilities,
                body.flag("timings_per_token", false),
                body.strings("response_fields"),
                echo(body, served, most));
        body.end();
        return request;
    }

    /** Rejects parameters unless their values change nothing. */
    private static void unsupported(Body body) {
        body.only("id_slot", IntNode.valueOf(-1), "the server chooses the slot");
        body.only("post_sampling_probs", BooleanNode.FALSE, "probabilities are those of the model");
        body.only("return_progress", BooleanNode.FALSE, "progress is not sent");
        body.only("n_indent", IntNode.valueOf(0), "lines are not looked at; use 'grammar' or 'stop'");
        body.only("t_max_predict_ms", IntNode.valueOf(0), "a text has no time limit; use 'n_predict'");
        body.only("lora", Json.array(), "adapters are chosen when the server starts");
        // The server never shifts texts in the cache, and always sends pings.
        body.without("n_keep", "n_discard", "n_cache_reuse", "sse_ping_interval");
    }

    private static ObjectNode echo(Body body, ServedModel served, int most) {
        ObjectNode echo = Json.object();
        echo.put("n_ctx", served.contextLength());
        for (var entry : body.json().properties()) {
            if (!entry.getKey().startsWith("input_")
                    && !entry.getKey().equals("prompt")
                    && !entry.getValue().isNull()) {
                echo.set(entry.getKey(), entry.getValue());
            }
        }
        echo.put("n_predict", most);
        return echo;
    }

    /**
     * Returns the requested fields. A name with a slash selects a field within a field. Missing fields are left out.
     */
    static JsonNode only(List<String> fields, ObjectNode all) {
        if (fields.isEmpty()) {
            return all;
        }
        ObjectNode some = Json.object();
        for (String field : fields) {
            JsonNode value = all.at("/" + field);
            if (!value.isMissingNode()) {
                some.set(field.substring(field.lastIndexOf('/') + 1), value);
            }
        }
        return some;
    }
}
