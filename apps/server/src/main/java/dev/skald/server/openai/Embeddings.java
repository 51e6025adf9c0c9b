package dev.skald.server.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.skald.runtime.embed.Embedder;
import dev.skald.runtime.embed.Embedding;
import dev.skald.server.http.Body;
import dev.skald.server.http.Endpoint;
import dev.skald.server.http.Exchange;
import dev.skald.server.http.Json;
import dev.skald.server.serving.Models;
import dev.skald.server.serving.ServedModel;
import dev.skald.server.serving.Vectors;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Function;

/** {@code POST /v1/embeddings}. */
public final class Embeddings implements Endpoint {
    private static final int MOST_TEXTS = 2048;

    private final Models models;

    public Embeddings(Models models) {
        this.models = models;
    }

    @Override
    public void handle(Exchange exchange) {
        Body body = exchange.body();
        ServedModel served = models.find(body.string("model"));
        Function<Embedder, List<Embedding>> input = input(body);
        OptionalInt dimensions = body.integer("dimensions", 1, Integer.MAX_VALUE);
        String encoding = body.string("encoding_format").orElse("float");
        if (!encoding.equals("float") && !encoding.equals("base64")) {
            throw body.error("encoding_format", "is '" + encoding + "'; there are 'float' and 'base64'");
        }
        OpenAi.withoutNotes(body);
        body.end();

        List<Embedding> made = Vectors.embed(
                served,
                options -> {
                    dimensions.ifPresent(options::dimensions);
                    // OpenAI rejects texts that are too long, so that nothing is left out silently.
                    options.truncate(false);
                },
                input,
                exchange.log());
        ObjectNode all = Json.object();
        all.put("object", "list");
        all.put("model", served.name());
        ArrayNode data = all.putArray("data");
        int tokens = 0;
        for (Embedding one : made) {
            ObjectNode entry = data.addObject();
            entry.put("object", "embedding");
            entry.put("index", data.size() - 1);
            entry.set("embedding", vector(one.vector(), encoding));
            tokens += one.tokens();
        }
        all.putObject("usage").put("prompt_tokens", tokens).put("total_tokens", tokens);
        exchange.send(all);
    }

    private static JsonNode vector(float[] vector, String encoding) {
        if (encoding.equals("base64")) {
            ByteBuffer bytes = ByteBuffer.allocate(4 * vector.length).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asFloatBuffer().put(vector);
            return TextNode.valueOf(Base64.getEncoder().encodeToString(bytes.array()));
        }
        ArrayNode numbers = Json.array();
        for (float number : vector) {
            numbers.add(number);
        }
        return numbers;
    }

    /** Reads a text, tokens, or several of either. */
    private static Function<Embedder, List<Embedding>> input(Body body) {
        JsonNode value = body.value("input").orElseThrow(() -> body.missing("input"));
        if (value.isTextual() || value.isArray() && value.path(0).isTextual()) {
            List<String> texts = body.strings("input");
            check(body, texts.size());
            return embedder -> embedder.embed(texts);
        }
        if (value.isEmpty()) {
            check(body, 0);
        }
        List<int[]> texts = new ArrayList<>();
        for (JsonNode text : value.path(0).isArray() ? value : List.of(value)) {
            int[] tokens = new int[text.size()];
            for (int i = 0; i < tokens.length; i++) {
                if (!text.path(i).isInt()) {
                    throw body.wrong("input", "a text, an array of token ids, or an array of either", value);
                }
                tokens[i] = text.get(i).intValue();
            }
            texts.add(tokens);
        }
        check(body, texts.size());
        return embedder -> embedder.embedTokens(texts);
    }

    private static void check(Body body, int texts) {
        if (texts < 1 || texts > MOST_TEXTS) {
            throw body.error("input", "must be 1 to " + MOST_TEXTS + " texts");
        }
    }
}
