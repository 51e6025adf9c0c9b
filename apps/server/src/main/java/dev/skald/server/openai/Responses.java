package dev.skald.server.openai;

import dev.skald.server.http.ApiError;
import dev.skald.server.http.Body;
import dev.skald.server.http.Exchange;
import dev.skald.server.http.Json;
import dev.skald.server.http.Stream;
import dev.skald.server.serving.Generator;
import dev.skald.server.serving.Models;

/** {@code /v1/responses}. */
public final class Responses {
    /** The maximum size of all stored responses, in bytes. */
    private static final long BUDGET = 64 << 20;

    private final Models models;
    private final ResponseStore store = new ResponseStore(BUDGET);

    public Responses(Models models) {
        this.models = models;
    }

    /** Creates a response. */
    public void create(Exchange exchange) {
        ResponseRequest request = ResponseRequest.read(exchange.body(), models, store);
        Stream stream = exchange.stream(request.streams() ? Stream.Form.EVENTS : Stream.Form.WHOLE);
        ResponseWriter writer = new ResponseWriter(request, stream);
        Generator.chat(request.served(), request.job(), writer, exchange.log());
        if (request.stores()) {
            // Store it before the client receives the end, because it may continue at once.
            store.put(writer.id(), new ResponseStore.Stored(writer.conversation(), writer.response()));
        }
        writer.finish();
    }

    /** Counts the tokens in the prompt of a request. */
    public void countTokens(Exchange exchange) {
        Body body = exchange.body();
        ResponseRequest request = ResponseRequest.read(body, models, store);
        int tokens = Generator.promptTokens(
                        request.served(),
                        request.job().messages(),
                        request.job().calls(),
                        request.job().variables())
                .length;
        exchange.send(Json.object().put("object", "response.input_tokens").put("input_tokens", tokens));
    }

    /** Returns a stored response. */
    public void get(Exchange exchange) {
        exchange.send(store.get(exchange.rest())
                .orElseThrow(() -> unknown(exchange.rest()))
                .response());
    }

    /** Deletes a stored response. */
    public void delete(Exchange exchange) {
        if (!store.remove(exchange.rest())) {
            throw unknown(exchange.rest());
        }
        exchange.send(Json.object()
                .put("id", exchange.rest())
                .put("object", "response")
                .put("deleted", true));
    }

    private static ApiError unknown(String id) {
        return ApiError.of(
                ApiError.Kind.NOT_FOUND,
                "there is no response '" + id + "': it was not stored, or it was forgotten for newer ones");
    }
}
