package dev.skald.server.llama;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skald.runtime.embed.Reranker;
import dev.skald.runtime.tokenizer.Tokenizer;
import dev.skald.server.http.Body;
import dev.skald.server.http.Exchange;
import dev.skald.server.http.Json;
import dev.skald.server.openai.ChatRequests;
import dev.skald.server.serving.Generator;
import dev.skald.server.serving.Metrics;
import dev.skald.server.serving.Models;
import dev.skald.server.serving.ServedModel;
import dev.skald.server.serving.Vectors;
import java.util.Arrays;
import java.util.List;

/** What llama-server has beside OpenAI's API, and its clients ask for. */
public final class LlamaApi {
    private final Models models;
    private final Metrics metrics;

    public LlamaApi(Models models, Metrics metrics) {
        this.models = models;
        this.metrics = metrics;
    }

    /** Says that the server answers. It never waits for a model. */
    public void health(Exchange exchange) {
        exchange.send(Json.object().put("status", "ok"));
    }

    public void props(Exchange exchange) {
        ServedModel served = models.all().getFirst();
        ObjectNode all = Json.object();
        ObjectNode defaults = all.putObject("default_generation_settings");
        defaults.put("n_ctx", served.contextLength());
        all.put("total_slots", served.slots().size());
        all.put("model_alias", served.name());
        all.put("model_path", served.model().metadata().path().toString());
        all.put("chat_template", served.model().metadata().getString("tokenizer.chat_template", ""));
        Tokenizer tokenizer = served.model().tokenizer();
        tokenizer.bos().ifPresent(id -> all.put("bos_token", tokenizer.piece(id)));
        tokenizer.eos().ifPresent(id -> all.put("eos_token", tokenizer.piece(id)));
        exchange.send(all);
    }

    public void slots(Exchange exchange) {
        ArrayNode all = Json.array();
        for (ServedModel served : models.all()) {
            int busy = served.slots().busySlots();
            for (int i = 0; i < served.slots().size(); i++) {
                ObjectNode slot = all.addObject();
                slot.put("id", all.size() - 1);
                slot.put("model", served.name());
                slot.put("n_ctx", served.contextLength());
                slot.put("is_processing", i < busy);
            }
        }
        exchange.send(all);
    }

    /** In the text form of Prometheus. */
    public void metrics(Exchange exchange) {
        exchange.send(200, "text/plain; version=0.0.4", metrics.text(models.all()));
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

    /** What a conversation is as a prompt. */
    public void applyTemplate(Exchange exchange) {
        Body body = exchange.body();
        ServedModel served = models.find(body.string("model"));
        ChatRequests.Conversation conversation = ChatRequests.conversation(body);
        body.end();
        int[] tokens =
                Generator.promptTokens(served, conversation.messages(), conversation.calls(), conversation.variables());
        Tokenizer tokenizer = served.model().tokenizer();
        // Whoever tokenizes the text gets that token anew.
        boolean bos = tokenizer.addsBos()
                && tokens.length > 0
                && tokens[0] == tokenizer.bos().orElse(-1);
        int[] text = Arrays.copyOfRange(tokens, bos ? 1 : 0, tokens.length);
        exchange.send(Json.object().put("prompt", tokenizer.decode(text, true)));
    }

    /** Ranks documents, as llama-server, Jina and Cohere have it. */
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
