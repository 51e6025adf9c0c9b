package dev.skald.server.openai;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skald.server.http.Exchange;
import dev.skald.server.http.Json;
import dev.skald.server.serving.Models;
import dev.skald.server.serving.ServedModel;

/** {@code GET /v1/models} and {@code /v1/models/NAME}. */
public final class ModelList {
    private final Models models;

    public ModelList(Models models) {
        this.models = models;
    }

    public void all(Exchange exchange) {
        ObjectNode all = Json.object();
        all.put("object", "list");
        ArrayNode data = all.putArray("data");
        models.all().forEach(model -> data.add(one(model)));
        exchange.send(all);
    }

    public void one(Exchange exchange) {
        exchange.send(one(models.exact(exchange.rest()).orElseThrow(() -> models.unknown(exchange.rest()))));
    }

    private static ObjectNode one(ServedModel served) {
        ObjectNode model = Json.object();
        model.put("id", served.name());
        model.put("object", "model");
        model.put("created", served.since().getEpochSecond());
        model.put("owned_by", "skald");
        // As in llama-server.
        model.putObject("meta")
                .put("n_vocab", served.model().vocabularySize())
                .put("n_ctx", served.contextLength())
                .put("n_ctx_train", served.model().contextLength());
        return model;
    }
}
