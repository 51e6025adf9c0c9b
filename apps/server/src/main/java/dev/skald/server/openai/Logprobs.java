package dev.skald.server.openai;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skald.runtime.generate.Token;
import dev.skald.runtime.sampling.TokenLogprob;
import dev.skald.runtime.tokenizer.Tokenizer;
import dev.skald.server.http.Json;
import java.nio.charset.StandardCharsets;

/** Writes log-probabilities in the form of OpenAI's API. */
public final class Logprobs {
    /** Stands for minus infinity, which JSON cannot express. */
    private static final double LEAST = -9999;

    private Logprobs() {}

    /** Returns an entry for a token: the token, and the most probable alternatives. */
    public static ObjectNode entry(Tokenizer tokenizer, Token token) {
        ObjectNode entry = one(tokenizer, token.logprobs().orElseThrow().chosen());
        ArrayNode top = entry.putArray("top_logprobs");
        token.logprobs().orElseThrow().top().forEach(other -> top.add(one(tokenizer, other)));
        return entry;
    }

    private static ObjectNode one(Tokenizer tokenizer, TokenLogprob logprob) {
        byte[] bytes = tokenizer.bytes(logprob.token());
        ObjectNode one = Json.object();
        one.put("token", new String(bytes, StandardCharsets.UTF_8));
        one.put("logprob", Math.max(LEAST, logprob.logprob()));
        ArrayNode all = one.putArray("bytes");
        for (byte b : bytes) {
            all.add(b & 0xFF);
        }
        return one;
    }
}
