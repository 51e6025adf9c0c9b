package dev.skald.langchain4j.quarkus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

@QuarkusTest
class AssistantTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TestHTTPResource
    URI address;

    private HttpResponse<String> get(String path, String question) throws Exception {
        String query = "?question=" + URLEncoder.encode(question, StandardCharsets.UTF_8);
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(address.resolve(path + query)).build(),
                    HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
        }
    }

    @Test
    void aFunctionIsRunForTheAnswer() throws Exception {
        assertEquals(
                "Været i Tromsø: -3 grader og snø.",
                get("/ask", "Hvordan er været i Tromsø?").body());
    }

    @Test
    void piecesComeAsEvents() throws Exception {
        HttpResponse<String> events = get("/stream", "Hva er hovedstaden i Norge?");
        assertTrue(events.headers().firstValue("Content-Type").orElseThrow().startsWith("text/event-stream"));
        StringBuilder answer = new StringBuilder();
        int pieces = 0;
        for (String line : events.body().lines().toList()) {
            if (line.startsWith("data:")) {
                answer.append(JSON.readTree(line.substring("data:".length()))
                        .get("text")
                        .textValue());
                pieces++;
            }
        }
        assertEquals("Oslo er hovedstaden i Norge.", answer.toString());
        assertTrue(pieces > 2, events.body());
    }
}
