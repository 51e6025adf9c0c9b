package dev.skald.server;

import static dev.skald.server.Served.events;
import static dev.skald.server.Served.json;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Anthropic's API, byte by byte. */
class AnthropicTest {
    /** Many clients read the length of the prompt from the first event only. */
    @Test
    void theFirstEventHasTheLengthOfThePrompt() throws Exception {
        try (Served served = new Served()) {
            String request =
                    json("{'max_tokens': 2, 'stream': true, 'messages': [{'role': 'user', 'content': 'Hei'}]}");
            int all = read(events(served.post("/v1/messages", request)), "message_start")
                    .get("message")
                    .get("usage")
                    .get("input_tokens")
                    .intValue();
            JsonNode counted = Served.read(served.post(
                    "/v1/messages/count_tokens", json("{'messages': [{'role': 'user', 'content': 'Hei'}]}")));
            assertEquals(counted.get("input_tokens").intValue(), all);

            List<String> again = events(served.post("/v1/messages", request));
            JsonNode start = read(again, "message_start").get("message").get("usage");
            JsonNode end = read(again, "message_delta").get("usage");
            assertEquals(end.get("input_tokens"), start.get("input_tokens"), "without those in the cache");
            assertEquals(
                    all,
                    end.get("input_tokens").intValue()
                            + end.get("cache_read_input_tokens").intValue());
        }
    }

    private static JsonNode read(List<String> events, String type) throws Exception {
        for (String event : events) {
            JsonNode read = Served.MAPPER.readTree(event);
            if (read.get("type").textValue().equals(type)) {
                return read;
            }
        }
        throw new AssertionError("no " + type + " among " + events);
    }
}
