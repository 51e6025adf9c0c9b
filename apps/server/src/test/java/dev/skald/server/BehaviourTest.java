package dev.skald.server;

import static dev.skald.server.Served.json;
import static dev.skald.server.Served.read;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skald.server.log.RequestRecord;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the server does when clients are many, slow, rude or gone. */
@Timeout(120)
class BehaviourTest {
    /** An answer that takes long, unless it is cancelled. */
    private static final String LONG = json("{'prompt': 'Norge', 'max_tokens': 400, 'temperature': 2, 'seed': 1,"
            + " 'ignore_eos': true, 'n': 1, 'stream': STREAM}");

    private static RequestRecord logged(Served served) throws InterruptedException {
        RequestRecord record = served.log.poll(30, TimeUnit.SECONDS);
        assertTrue(record != null, "a request is logged within 30 seconds");
        return record;
    }

    private static byte[] request(String path, String body, String... headers) {
        StringBuilder head = new StringBuilder("POST " + path + " HTTP/1.1\r\nHost: x\r\n");
        for (String header : headers) {
            head.append(header).append("\r\n");
        }
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        head.append("Content-Length: ").append(bytes.length).append("\r\n\r\n");
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(head.toString().getBytes(StandardCharsets.US_ASCII));
        all.writeBytes(bytes);
        return all.toByteArray();
    }

    private static Socket connect(Served served) throws IOException {
        return new Socket(served.server.uri().getHost(), served.server.uri().getPort());
    }

    @Test
    void keys() throws Exception {
        try (Served served = new Served(options -> options.apiKey("secret").apiKey("other"))) {
            String body = json("{'messages': [{'role': 'user', 'content': 'Hei'}], 'max_tokens': 1}");
            String path = "/v1/chat/completions";
            HttpResponse<String> without = served.post(path, body);
            assertEquals(401, without.statusCode());
            assertEquals(
                    "authentication_error",
                    read(without).get("error").get("type").textValue());
            assertEquals(
                    401,
                    served.post(path, body, "Authorization", "Bearer wrong").statusCode());
            assertEquals(
                    200,
                    served.post(path, body, "Authorization", "Bearer secret").statusCode());
            assertEquals(200, served.post(path, body, "X-Api-Key", "other").statusCode());
            assertEquals(200, served.get("/health").statusCode());
            assertEquals(200, served.get("/v1/models").statusCode());
            assertEquals(401, served.get("/props").statusCode());
            HttpResponse<String> anthropic = served.post("/v1/messages", body);
            assertEquals("error", read(anthropic).get("type").textValue());
        }
    }

    @Test
    void pathsAndMethods() throws Exception {
        try (Served served = new Served()) {
            assertEquals(404, served.get("/nothing").statusCode());
            HttpResponse<String> wrong = served.get("/v1/chat/completions");
            assertEquals(405, wrong.statusCode());
            assertEquals("POST", wrong.headers().firstValue("Allow").orElseThrow());
            HttpResponse<Void> head = served.client.send(
                    HttpRequest.newBuilder(served.uri("/health")).HEAD().build(), BodyHandlers.discarding());
            assertEquals(200, head.statusCode());
        }
    }

    @Test
    void pagesOfOthers() throws Exception {
        try (Served served = new Served(options -> options.origin("https://example.org"))) {
            HttpRequest.Builder preflight = HttpRequest.newBuilder(served.uri("/v1/chat/completions"))
                    .method("OPTIONS", BodyPublishers.noBody())
                    .header("Access-Control-Request-Method", "POST")
                    .header("Access-Control-Request-Headers", "content-type");
            HttpResponse<String> allowed = served.client.send(
                    preflight.copy().header("Origin", "https://example.org").build(), BodyHandlers.ofString());
            assertEquals(
                    "https://example.org",
                    allowed.headers().firstValue("Access-Control-Allow-Origin").orElseThrow());
            HttpResponse<String> other = served.client.send(
                    preflight.copy().header("Origin", "https://example.com").build(), BodyHandlers.ofString());
            assertTrue(other.headers().firstValue("Access-Control-Allow-Origin").isEmpty());
        }
    }

    @Test
    void tooManyAreToldToComeAgain() throws Exception {
        try (Served served = new Served(options -> options.parallel(1).queue(1))) {
            HttpRequest request = HttpRequest.newBuilder(served.uri("/v1/completions"))
                    .POST(BodyPublishers.ofString(LONG.replace("STREAM", "false")))
                    .build();
            List<CompletableFuture<HttpResponse<String>>> all = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                all.add(served.client.sendAsync(request, BodyHandlers.ofString()));
            }
            int busy = 0;
            for (CompletableFuture<HttpResponse<String>> one : all) {
                HttpResponse<String> response = one.get();
                if (response.statusCode() == 429) {
                    busy++;
                    assertTrue(response.headers().firstValue("Retry-After").isPresent());
                    assertEquals(
                            "rate_limit_error",
                            read(response).get("error").get("type").textValue());
                } else {
                    assertEquals(200, response.statusCode(), response.body());
                }
            }
            assertTrue(busy >= 1 && busy <= 4, busy + " of 6 were refused");
        }
    }

    /** Streaming or not: whoever goes away pays for no more than a few tokens. */
    @Test
    void aClientThatGoesAwayStopsItsComputation() throws Exception {
        try (Served served = new Served()) {
            for (String stream : new String[] {"true", "false"}) {
                String body = LONG.replace("STREAM", stream).replace("1, \"stream", "128, \"stream");
                try (Socket socket = connect(served)) {
                    socket.getOutputStream().write(request("/v1/completions", body));
                    assertTrue(socket.getInputStream().read() >= 0);
                }
                RequestRecord record = logged(served);
                assertEquals(RequestRecord.CLIENT_GONE, record.status(), record::toString);
            }
            assertEquals(200, served.get("/health").statusCode());
            assertFalse(isBusy(served));
        }
    }

    @Test
    void closedMidStreamAgainAndAgain() throws Exception {
        try (Served served = new Served(options -> options.parallel(2))) {
            byte[] request = request("/v1/completions", LONG.replace("STREAM", "true"));
            int threads = Thread.activeCount();
            for (int i = 0; i < 100; i++) {
                try (Socket socket = connect(served)) {
                    socket.getOutputStream().write(request);
                    assertTrue(socket.getInputStream().read() >= 0);
                }
            }
            for (int i = 0; i < 100; i++) {
                logged(served);
            }
            assertEquals(200, served.get("/health").statusCode());
            assertTrue(Thread.activeCount() <= threads + 4, "threads stay few");
        }
    }

    @Test
    void largeBodies() throws Exception {
        try (Served served = new Served(options -> options.mostBodyBytes(1000))) {
            HttpResponse<String> large = served.post("/v1/completions", json("{'prompt': '" + "x".repeat(2000) + "'}"));
            assertEquals(413, large.statusCode());
            // A length that is claimed, and one that is not known before.
            try (Socket socket = connect(served)) {
                String head = "POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n";
                socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
                assertTrue(firstLine(socket).contains("413"));
            }
            try (Socket socket = connect(served)) {
                OutputStream out = socket.getOutputStream();
                out.write("POST /v1/completions HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                        .getBytes(StandardCharsets.US_ASCII));
                out.write(("7d0\r\n" + " ".repeat(2000) + "\r\n").getBytes(StandardCharsets.US_ASCII));
                assertTrue(firstLine(socket).contains("413"));
            }
        }
    }

    private static String firstLine(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        StringBuilder line = new StringBuilder();
        for (int b = in.read(); b >= 0 && b != '\n'; b = in.read()) {
            line.append((char) b);
        }
        return line.toString();
    }

    @Test
    void invalidUtf8() throws Exception {
        try (Served served = new Served()) {
            byte[] body = json("{'prompt': 'x'}").getBytes(StandardCharsets.UTF_8);
            body[12] = (byte) 0xFF;
            HttpResponse<String> response = served.client.send(
                    HttpRequest.newBuilder(served.uri("/v1/completions"))
                            .POST(BodyPublishers.ofByteArray(body))
                            .build(),
                    BodyHandlers.ofString());
            assertEquals(400, response.statusCode(), response.body());
        }
    }

    /** A request that never ends holds a connection for as long as connections may be silent, and nobody else. */
    @Test
    void slowClients() throws Exception {
        try (Served served = new Served(options -> options.idleTimeout(Duration.ofSeconds(1)));
                Socket slow = connect(served);
                Socket half = connect(served)) {
            slow.getOutputStream().write("POST /v1/compl".getBytes(StandardCharsets.US_ASCII));
            half.getOutputStream()
                    .write("POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"
                            .getBytes(StandardCharsets.US_ASCII));
            assertEquals(200, served.get("/health").statusCode());
            slow.setSoTimeout(20_000);
            half.setSoTimeout(20_000);
            while (slow.getInputStream().read() >= 0) {}
            while (half.getInputStream().read() >= 0) {}
            assertEquals(200, served.get("/health").statusCode());
        }
    }

    /** An answer that takes longer than connections may be silent comes all the same. */
    @Test
    void longAnswersAreNotCutShort() throws Exception {
        try (Served served = new Served(options -> options.idleTimeout(Duration.ofMillis(200)))) {
            String body = LONG.replace("STREAM", "false").replace("1, \"stream", "24, \"stream");
            HttpResponse<String> response = served.post("/v1/completions", body);
            assertEquals(200, response.statusCode());
            assertEquals(
                    24 * 400,
                    read(response).get("usage").get("completion_tokens").intValue());
            assertTrue(logged(served).duration().toMillis() > 200);
        }
    }

    private static void waitUntilBusy(Served served, CompletableFuture<?> answer) throws Exception {
        while (!isBusy(served) && !answer.isDone()) {
            Thread.sleep(1);
        }
    }

    private static boolean isBusy(Served served) throws Exception {
        return read(served.get("/slots")).findValues("is_processing").stream().anyMatch(JsonNode::booleanValue);
    }

    @Test
    void closingLetsAnswersEnd() throws Exception {
        CompletableFuture<HttpResponse<String>> answer;
        try (Served served = new Served()) {
            HttpRequest request = HttpRequest.newBuilder(served.uri("/v1/completions"))
                    .POST(BodyPublishers.ofString(LONG.replace("STREAM", "true").replace("400", "50")))
                    .build();
            answer = served.client.sendAsync(request, BodyHandlers.ofString());
            waitUntilBusy(served, answer);
            served.server.close();
            assertTrue(answer.get().body().endsWith("data: [DONE]\n\n"), answer.get()::body);
            assertThrows(IOException.class, () -> served.get("/health"));
        }
    }

    @Test
    void closingEndsWhatTakesTooLong() throws Exception {
        try (Served served = new Served(options -> options.grace(Duration.ofMillis(200)))) {
            HttpRequest request = HttpRequest.newBuilder(served.uri("/v1/completions"))
                    .POST(BodyPublishers.ofString(
                            LONG.replace("STREAM", "true").replace("1, \"stream", "128, \"stream")))
                    .build();
            CompletableFuture<HttpResponse<String>> answer = served.client.sendAsync(request, BodyHandlers.ofString());
            waitUntilBusy(served, answer);
            served.server.close();
            assertTrue(answer.get().body().contains("shutting down"), answer.get()::body);
        }
    }

    @Test
    void anAddressThatIsTaken() throws Exception {
        try (Served served = new Served()) {
            int port = served.server.uri().getPort();
            IOException e = assertThrows(IOException.class, () -> new Served(options -> options.port(port)).close());
            assertTrue(e.getMessage().contains("127.0.0.1:" + port), e::getMessage);
        }
    }

    @Test
    void metrics() throws Exception {
        ServerMetrics metrics = new ServerMetrics();
        try (Served served =
                new Served(options -> options.metrics(metrics), options -> options.listener(metrics.model("tiny")))) {
            String body = json("{'prompt': 'Norge', 'max_tokens': 3, 'ignore_eos': true}");
            assertEquals(200, served.post("/v1/completions", body).statusCode());
            List<String> lines = served.get("/metrics").body().lines().toList();
            assertTrue(
                    lines.containsAll(List.of(
                            "skald_generated_tokens_total 3",
                            "skald_requests_total{status=\"200\"} 1",
                            "skald_first_token_seconds_count 1",
                            "skald_request_seconds_bucket{le=\"+Inf\"} 1",
                            "skald_slots{model=\"tiny\"} 4",
                            "skald_model_opened_total{model=\"tiny\"} 1",
                            "skald_model_generated_tokens_total{model=\"tiny\"} 3",
                            "skald_model_generations_total{model=\"tiny\",reason=\"max_tokens\"} 1",
                            "skald_model_prompt_seconds_count{model=\"tiny\"} 1")),
                    lines::toString);
            // Every line is a comment, or a name with a number behind it.
            for (String line : lines) {
                assertTrue(line.matches("# (HELP|TYPE) .+|skald_\\w+(\\{.+})? [-+.\\deE]+"), line);
            }
        }
        try (Served served = new Served()) {
            assertEquals(404, served.get("/metrics").statusCode());
        }
    }
}
