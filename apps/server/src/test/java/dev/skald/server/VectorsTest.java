package dev.skald.server;

import static dev.skald.server.Served.json;
import static dev.skald.server.Served.read;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skald.runtime.Model;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.Test;

/** Embeddings and rankings by the routes of each API. */
class VectorsTest {
    private static final Path GOLDEN = Path.of(System.getProperty("skald.root"), "../shared/golden/arch");

    private static Model open(String name) throws Exception {
        Path file = GOLDEN.resolve(name);
        assumeTrue(Files.exists(file), () -> "no golden file " + file);
        return Model.open(file);
    }

    private static float[] floats(JsonNode numbers) {
        float[] floats = new float[numbers.size()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = numbers.get(i).floatValue();
        }
        return floats;
    }

    @Test
    void embeddings() throws Exception {
        try (Model model = open("bert.gguf");
                Served served = new Served(options -> options.model("bert", model))) {
            float[] expected = model.newEmbedder().embed("a b").vector();
            HttpResponse<String> response =
                    served.post("/v1/embeddings", json("{'model': 'bert', 'input': ['a', 'a b']}"));
            assertEquals(200, response.statusCode(), response.body());
            JsonNode data = read(response).get("data");
            assertArrayEquals(expected, floats(data.get(1).get("embedding")), 1e-6f);
            String base64 = read(served.post(
                            "/v1/embeddings", json("{'model': 'bert', 'input': 'a b', 'encoding_format': 'base64'}")))
                    .get("data")
                    .get(0)
                    .get("embedding")
                    .textValue();
            float[] decoded = new float[expected.length];
            ByteBuffer.wrap(Base64.getDecoder().decode(base64))
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .asFloatBuffer()
                    .get(decoded);
            assertArrayEquals(expected, decoded);
            JsonNode ollama = read(served.post("/api/embed", json("{'model': 'bert', 'input': ['a b']}")));
            assertArrayEquals(expected, floats(ollama.get("embeddings").get(0)), 1e-6f);
            JsonNode old = read(served.post("/api/embeddings", json("{'model': 'bert', 'prompt': 'a b'}")));
            assertEquals(expected.length, old.get("embedding").size());
            // An encoder cannot chat, and says so.
            HttpResponse<String> chat = served.post(
                    "/v1/chat/completions", json("{'model': 'bert', 'messages': [{'role': 'user', 'content': 'a'}]}"));
            assertEquals(400, chat.statusCode(), chat.body());
            HttpResponse<String> empty = served.post("/v1/embeddings", json("{'model': 'bert', 'input': []}"));
            assertEquals("input", read(empty).get("error").get("param").textValue());
        }
    }

    @Test
    void rankings() throws Exception {
        try (Model model = open("bert-rank.gguf");
                Served served = new Served(options -> options.model("rank", model))) {
            HttpResponse<String> response = served.post(
                    "/v1/rerank",
                    json("{'model': 'rank', 'query': 'a', 'documents': ['a', 'b', 'a b'], 'top_n': 2,"
                            + " 'return_documents': true}"));
            assertEquals(200, response.statusCode(), response.body());
            JsonNode results = read(response).get("results");
            assertEquals(2, results.size());
            assertTrue(results.get(0).get("relevance_score").doubleValue()
                    >= results.get(1).get("relevance_score").doubleValue());
            int index = results.get(0).get("index").intValue();
            assertEquals(
                    new String[] {"a", "b", "a b"}[index],
                    results.get(0).get("document").get("text").textValue());
            HttpResponse<String> wrong =
                    served.post("/v1/rerank", json("{'model': 'tiny', 'query': 'a', 'documents': ['a']}"));
            assertEquals(400, wrong.statusCode(), wrong.body());
        }
    }
}
