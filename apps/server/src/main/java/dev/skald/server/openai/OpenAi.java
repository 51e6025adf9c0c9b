package dev.skald.server.openai;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skald.server.http.Body;
import dev.skald.server.http.Json;

/** The common parts of OpenAI's endpoints. */
final class OpenAi {
    private OpenAi() {}

    /** Accepts parameters that serve the sender's own records, or caches and services that do not exist here. */
    static void withoutNotes(Body body) {
        body.without(
                "user",
                "metadata",
                "store",
                "service_tier",
                "safety_identifier",
                "prompt_cache_key",
                "prompt_cache_retention",
                "cache_prompt");
    }

    static ObjectNode usage(int promptTokens, int cachedTokens, int generatedTokens) {
        ObjectNode usage = Json.object();
        usage.put("prompt_tokens", promptTokens);
        usage.put("completion_tokens", generatedTokens);
        usage.put("total_tokens", promptTokens + generatedTokens);
        usage.putObject("prompt_tokens_details").put("cached_tokens", cachedTokens);
        return usage;
    }
}
