package dev.skald.server.llama;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skald.gguf.GgufMetadata;
import dev.skald.runtime.embed.Reranker;
import dev.skald.runtime.sampling.SamplerOptions;
import dev.skald.runtime.tokenizer.Tokenizer;
import dev.skald.server.http.ApiError;
import dev.skald.server.http.Body;
import dev.skald.server.http.Exchange;
import dev.skald.server.http.Json;
import dev.skald.server.openai.ChatRequests;
import dev.skald.server.serving.Generator;
import dev.skald.server.serving.Models;
import dev.skald.server.serving.ServedModel;
import dev.skald.server.serving.Slots;
import dev.skald.server.serving.Vectors;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** The routes that llama-server has in addition to OpenAI's API, and that its clients use. */
public final class LlamaApi {
    private static final Map<String, String> RECOMMENDED = Map.of(
            "temp", "temperature",
            "top_k", "top_k",
            "top_p", "top_p",
            "min_p", "min_p",
            "penalty_last_n", "repeat_last_n",
            "penalty_repeat", "repeat_penalty");

    private final Models models;
    private final Optional<Supplier<String>> metrics;
    private final TextCompletions texts;

    /**
     * Creates the routes.
     *
     * @param metrics the text of {@code /metrics}; empty if there is no such route
     */
    public LlamaApi(Models models, Optional<Supplier<String>> metrics) {
        this.models = models;
        this.metrics = metrics;
        this.texts = new TextCompletions(models);
    }

    /** Reports that the server answers. This never waits for a model. */
    public void health(Exchange exchange) {
        exchange.send(Json.object().put("status", "ok"));
    }

    /** Continues one or more texts. */
    public void complete(Exchange exchange) {
        texts.complete(exchange);
    }

    /** Fills in a text between two others. */
    public void infill(Exchange exchange) {
        texts.infill(exchange);
    }

    /** Describes the model and its default settings. */
    public void props(Exchange exchange) {
        ServedModel served = models.find(exchange.query("model"));
        GgufMetadata metadata = served.model().metadata();
        Tokenizer tokenizer = served.model().tokenizer();
        ObjectNode all = Json.object();
        ObjectNode defaults = all.putObject("default_generation_settings");
        defaults.put("id", 0);
        defaults.put("id_task", -1);
        defaults.put("n_ctx", served.contextLength());
        defaults.put("speculative", false);
        defaults.put("is_processing", served.slots().busySlots() > 0);
        defaults.set("params", parameters(metadata));
        all.put("total_slots", served.slots().size());
        all.put("model_alias", served.name());
        all.put("model_path", metadata.path().toString());
        String template = metadata.getString("tokenizer.chat_template", "");
        all.put("chat_template", template);
        ObjectNode can = all.putObject("chat_template_caps");
        can.put("supports_tools", template.contains("tools"));
        can.put("supports_tool_calls", template.contains("tool_calls"));
        can.put("supports_system_role", template.contains("system"));
        can.put("supports_parallel_tool_calls", template.contains("tool_calls"));
        all.putObject("modalities").put("vision", false).put("audio", false);
        all.put("endpoint_slots", true);
        all.put("endpoint_props", false);
        all.put("endpoint_metrics", metrics.isPresent());
        all.put(
                "bos_token",
                tokenizer.bos().stream().mapToObj(tokenizer::piece).findFirst().orElse(""));
        all.put(
                "eos_token",
                tokenizer.eos().stream().mapToObj(tokenizer::piece).findFirst().orElse(""));
        all.put("build_info", "skald");
        all.put("is_sleeping", false);
        exchange.send(all);
    }

    /** Returns the settings that the file recommends, or else the general defaults. */
    private static ObjectNode parameters(GgufMetadata metadata) {
        ObjectNode all = Json.object();
        all.put("n_predict", -1);
        all.put("max_tokens", -1);
        all.put("seed", 0xFFFF_FFFFL);
        all.put("temperature", SamplerOptions.builder().build().temperature());
        all.put("ignore_eos", false);
        all.put("stream", false);
        all.put("n_probs", 0);
        all.put("grammar", "");
        all.putArray("stop");
        // The names in GGUF, and those in llama-server.
        RECOMMENDED.forEach((key, name) -> {
            String whole = "general.sampling." + key;
            if (metadata.contains(whole)) {
                all.put(name, metadata.getDouble(whole));
            }
        });
        return all;
    }

    /** Describes the slots. With the parameter fail_on_no_slot, returns an error if none is free. */
    public void slots(Exchange exchange) {
        ArrayNode all = Json.array();
        boolean free = false;
        for (ServedModel served : models.all()) {
            for (Slots.Slot one : served.slots().all()) {
                ObjectNode slot = all.addObject();
                slot.put("id", all.size() - 1);
                slot.put("id_task", one.task());
                slot.put("model", served.name());
                slot.put("n_ctx", served.contextLength());
                slot.put("speculative", false);
                slot.put("is_processing", one.isBusy());
                slot.putArray("next_token")
                        .addObject()
                        .put("has_next_token", one.isBusy())
                        .put("n_remain", -1)
                        .put("n_decoded", one.generated());
                free |= !one.isBusy();
            }
        }
        if (!free && exchange.query("fail_on_no_slot").filter("1"::equals).isPresent()) {
            throw ApiError.of(ApiError.Kind.UNAVAILABLE, "all " + all.size() + " slots are busy");
        }
        exchange.send(all);
    }

    /** Returns the metrics in the text format of Prometheus. */
    public void metrics(Exchange exchange) {
        exchange.send(200, "text/plain; version=0.0.4", metrics.orElseThrow().get());
    }

    public void tokenize(Exchange exchange) {
        Body body = exchange.body();
        ServedModel served = models.find(body.string("model"));
        String text = body.requiredString("content");
        boolean addSpecial = body.flag("add_special", false);
        boolean parseSpecial = body.flag("parse_special", true);
        boolean pieces = body.flag("with_pieces", false);
        body.end();
        ObjectNode all = Json.object();
        ArrayNode tokens = all.putArray("tokens");
        for (int id : served.model().tokenizer().encode(text, addSpecial, parseSpecial)) {
            if (pieces) {
                tokens.addObject()
                        .put("id", id)
                        .put("piece", served.model().tokenizer().decode(new int[] {id}, true));
            } else {
                tokens.add(id);
            }
        }
        exchange.send(all);
    }

    public void detokenize(Exchange exchange) {
        Body body = exchange.body();
        ServedModel served = models.find(body.string("model"));
        JsonNode value = body.value("tokens").orElseThrow(() -> body.missing("tokens"));
        int[] tokens = new int[value.size()];
        for (int i = 0; i < tokens.length; i++) {
            JsonNode id = value.get(i);
            if (id == null
                    || !id.isInt()
                    || id.intValue() < 0
                    || id.intValue() >= served.model().vocabularySize()) {
                throw body.error(
                        "tokens",
                        "has " + id + "; ids are 0 to " + (served.model().vocabularySize() - 1));
            }
            tokens[i] = id.intValue();
        }
        body.end();
        exchange.send(Json.object().put("content", served.model().tokenizer().decode(tokens, true)));
    }

    /** Returns the prompt for a conversation. */
    public void applyTemplate(Exchange exchange) {
        Body body = exchange.body();
        ServedModel served = models.find(body.string("model"));
        ChatRequests.Conversation conversation = ChatRequests.conversation(body);
        body.end();
        int[] tokens =
                Generator.promptTokens(served, conversation.messages(), conversation.calls(), conversation.variables());
        Tokenizer tokenizer = served.model().tokenizer();
        // The client's tokenizer adds this token again.
        boolean bos = tokenizer.addsBos()
                && tokens.length > 0
                && tokens[0] == tokenizer.bos().orElse(-1);
        int[] text = Arrays.copyOfRange(tokens, bos ? 1 : 0, tokens.length);
        exchange.send(Json.object().put("prompt", tokenizer.decode(text, true)));
    }

    /** Ranks documents, in the forms of llama-server, Jina and Cohere. */
    public void rerank(Exchange exchange) {
        Body body = exchange.body();
        ServedModel served = models.find(body.string("model"));
        String query = body.requiredString("query");
        List<String> documents = body.strings("documents");
        if (documents.isEmpty()) {
            throw body.missing("documents");
        }
        int most = body.integer("top_n", 1, Integer.MAX_VALUE).orElse(documents.size());
        boolean texts = body.flag("return_documents", false);
        body.end();
        ObjectNode all = Json.object();
        all.put("object", "list");
        all.put("model", served.name());
        ArrayNode results = all.putArray("results");
        for (Reranker.Score score : Vectors.rank(served, query, documents, most, exchange.log())) {
            ObjectNode result = results.addObject();
            result.put("index", score.index());
            result.put("relevance_score", score.score());
            if (texts) {
                result.putObject("document").put("text", documents.get(score.index()));
            }
        }
        exchange.send(all);
    }
}
