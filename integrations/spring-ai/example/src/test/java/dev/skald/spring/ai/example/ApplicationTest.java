package dev.skald.spring.ai.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;

@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
class ApplicationTest {
    private static final ObjectMapper JSON = JsonMapper.shared();

    @LocalServerPort
    private int port;

    @DynamicPropertySource
    static void model(DynamicPropertyRegistry properties) throws IOException {
        String file = Application.bundled().toString();
        properties.add("spring.ai.skald.model-path", () -> file);
    }

    private HttpResponse<String> get(String path, String name, String value) throws Exception {
        String query = value.isEmpty() ? "" : "?" + name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8);
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create("http://localhost:" + port + path + query))
                            .build(),
                    HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
        }
    }

    @Test
    void aFunctionIsRunForTheAnswer() throws Exception {
        assertEquals(
                "Været i Tromsø: -3 grader og snø.",
                get("/ask", "question", "Hvordan er været i Tromsø?").body());
    }

    @Test
    void piecesComeAsEvents() throws Exception {
        HttpResponse<String> events = get("/stream", "question", "Hva er hovedstaden i Norge?");
        assertTrue(events.headers().firstValue("Content-Type").orElseThrow().startsWith("text/event-stream"));
        List<String> pieces = events.body()
                .lines()
                .filter(line -> line.startsWith("data:"))
                .map(line -> JSON.readTree(line.substring("data:".length()))
                        .get("text")
                        .stringValue())
                .toList();
        assertTrue(pieces.size() > 2, events.body());
        assertEquals("Oslo er hovedstaden i Norge.", String.join("", pieces));
    }

    @Test
    void aRecordIsFilled() throws Exception {
        assertEquals(
                "{\"name\":\"Kari\",\"age\":41,\"town\":\"Bergen\"}",
                get("/person", "text", "Kari er 41 år og bor i Bergen.").body());
    }

    @Test
    void itIsHealthy() throws Exception {
        String health = get("/actuator/health", "", "").body();
        assertTrue(health.contains("\"skald\":{\"details\":{"), health);
        assertTrue(health.contains("\"status\":\"UP\""), health);
    }
}
