package dev.skald.server;

import static dev.skald.server.Served.json;
import static dev.skald.server.Served.read;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ollama's API: what its own command line reads of models. */
class OllamaTest {
    private static Served served;

    @BeforeAll
    static void start() throws IOException {
        served = new Served();
    }

    @AfterAll
    static void stop() throws IOException {
        served.close();
    }

    /** The command cuts digests after twelve digits, and ends with a panic if there are fewer. */
    @ParameterizedTest
    @ValueSource(strings = {"/api/tags", "/api/ps"})
    void modelsHaveADigest(String path) throws Exception {
        JsonNode model = read(served.get(path)).get("models").get(0);
        assertTrue(model.get("digest").textValue().matches("[0-9a-f]{64}"), model::toString);
        assertEquals("Q8_0", model.get("details").get("quantization_level").textValue());
    }

    @Test
    void anotherFileHasAnotherDigest() throws Exception {
        try (Served other = new Served()) {
            assertNotEquals(
                    read(served.get("/api/tags")).get("models").get(0).get("digest"),
                    read(other.get("/api/tags")).get("models").get(0).get("digest"));
        }
    }

    /** The command calls a model whose time is over stopping, and one that stays for a hundred years forever. */
    @Test
    void modelsStay() throws Exception {
        JsonNode model = read(served.get("/api/ps")).get("models").get(0);
        Instant end = Instant.parse(model.get("expires_at").textValue());
        assertTrue(end.isAfter(Instant.now().plus(Duration.ofDays(36_500))), end::toString);
    }

    @Test
    void showsWhatTheFileSays() throws Exception {
        JsonNode model = read(served.post("/api/show", json("{'model': 'tiny'}")));
        JsonNode info = model.get("model_info");
        assertEquals("llama", info.get("general.architecture").textValue());
        assertEquals(1024, info.get("llama.context_length").intValue());
        assertTrue(info.get("llama.embedding_length").isIntegralNumber(), info::toString);
        assertTrue(info.get("llama.attention.layer_norm_rms_epsilon").isFloatingPointNumber(), info::toString);
        assertTrue(info.path("tokenizer.ggml.tokens").isMissingNode(), "no lists");
        assertEquals(
                Served.MAPPER.readTree(json("['completion', 'tools']")),
                model.get("capabilities"),
                model.get("capabilities")::toString);
    }

    @Test
    void aServerThatOnlyEmbedsSaysSo() throws Exception {
        try (Served embeds = new Served(options -> options.embeddingsOnly(true))) {
            JsonNode model = read(embeds.post("/api/show", json("{'model': 'tiny'}")));
            assertEquals(Served.MAPPER.readTree(json("['embedding']")), model.get("capabilities"));
        }
    }

    @Test
    void aConversationWithoutMessagesLoadsTheModel() throws Exception {
        HttpResponse<String> response = served.post("/api/chat", json("{'model': 'tiny', 'messages': []}"));
        assertEquals(200, response.statusCode(), response.body());
        JsonNode line = read(response);
        assertEquals("load", line.get("done_reason").textValue());
        assertTrue(line.get("done").booleanValue());
        assertEquals("", line.get("message").get("content").textValue());
    }
}
