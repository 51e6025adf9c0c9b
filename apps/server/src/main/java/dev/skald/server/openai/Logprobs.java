package dev.skald.server.openai;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skald.runtime.generate.Token;
import dev.skald.runtime.sampling.TokenLogprob;
import dev.skald.runtime.tokenizer.Tokenizer;
import dev.skald.server.http.Json;
import java.nio.charset.StandardCharsets;

/** Writes log-probabilities as OpenAI's API has them. */
public final class Logprobs {
    /** What stands for minus infinity, which JSON has no number for. */
    private static final double LEAST = -9999;

    private Logprobs() {}

    /** An entry for a token: it, and those that were most probable in its place. */
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
