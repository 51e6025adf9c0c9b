package dev.skald.server;

import static dev.skald.server.Served.json;
import static dev.skald.server.Served.read;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.runtime.Model;
import dev.skald.tiny.TinyModel;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that break the rules, and files that break: the others are answered all the while, and the server ends clean. */
@Timeout(180)
class FaultsTest {
    private static final String QUESTION =
            json("{'messages': [{'role': 'user', 'content': 'Hei'}], 'max_tokens': 3, 'temperature': 0}");

    /** How often a client goes away in mid-stream: -Dskald.closed=1000 for more. */
    private static final int CLOSED = Integer.getInteger("skald.closed", 60);

    private static void checkAnswers(Served served) throws Exception {
        // A new connection: the server may just have closed an idle one.
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest request = HttpRequest.newBuilder(served.uri("/v1/chat/completions"))
                    .POST(BodyPublishers.ofString(QUESTION))
                    .build();
            assertEquals(200, client.send(request, BodyHandlers.ofString()).statusCode());
        }
    }

    private static Socket connect(Served served) throws IOException {
        Socket socket =
                new Socket(served.server.uri().getHost(), served.server.uri().getPort());
        socket.setSoTimeout(60_000);
        return socket;
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String head(String path, String length) {
        return "POST " + path + " HTTP/1.1\r\nHost: x\r\n" + length + "\r\n\r\n";
    }

    /** Headers that come letter by letter never end a request, and many of them keep nobody else waiting. */
    @Test
    void slowLoris() throws Exception {
        try (Served served = new Served(options -> options.parallel(1).idleTimeout(Duration.ofMillis(1500)))) {
            List<Socket> slow = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                Socket socket = connect(served);
                send(socket, "POST /v1/completions HTTP/1.1\r\nHost: x\r\n");
                slow.add(socket);
            }
            for (int round = 0; round < 3; round++) {
                for (Socket socket : slow) {
                    send(socket, "X-" + round + ": 1\r\n");
                }
                checkAnswers(served);
            }
            for (Socket socket : slow) {
                drain(socket);
                socket.close();
            }
            checkAnswers(served);
        }
    }

    /** Reads until the server closes. */
    private static String drain(Socket socket) throws IOException {
        try {
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (SocketException e) {
            return "";
        }
    }

    /** Who only closes its own side still gets the whole answer. */
    @Test
    void halfClosed() throws Exception {
        try (Served served = new Served();
                Socket whole = connect(served);
                Socket cut = connect(served)) {
            byte[] body = QUESTION.getBytes(StandardCharsets.UTF_8);
            send(whole, head("/v1/chat/completions", "Connection: close\r\nContent-Length: " + body.length) + QUESTION);
            whole.shutdownOutput();
            String answer = drain(whole);
            assertTrue(answer.startsWith("HTTP/1.1 200") && answer.contains("chat.completion"), answer);
            send(cut, head("/v1/chat/completions", "Content-Length: 500") + "{\"messages\": [");
            cut.shutdownOutput();
            drain(cut);
            checkAnswers(served);
        }
    }

    /** A gigabyte is refused long before it has come, whether its length is said or not. */
    @Test
    void aBodyOfAGigabyte() throws Exception {
        try (Served served = new Served()) {
            for (String length : List.of("Content-Length: 1073741824", "Transfer-Encoding: chunked")) {
                try (Socket socket = connect(served)) {
                    send(socket, head("/v1/chat/completions", length));
                    byte[] piece = new byte[1 << 20];
                    Arrays.fill(piece, (byte) ' ');
                    long sent = 0;
                    try {
                        OutputStream out = socket.getOutputStream();
                        for (; sent < 1 << 30; sent += piece.length) {
                            if (length.startsWith("T")) {
                                out.write("100000\r\n".getBytes(StandardCharsets.US_ASCII));
                            }
                            out.write(piece);
                            if (length.startsWith("T")) {
                                out.write("\r\n".getBytes(StandardCharsets.US_ASCII));
                            }
                        }
                    } catch (SocketException closed) {
                        // That is what is to happen.
                    }
                    assertTrue(sent < 64 << 20, sent + " bytes were taken");
                }
                checkAnswers(served);
            }
        }
    }

    private static String nested(int depth) {
        return "[".repeat(depth) + "]".repeat(depth);
    }

    static List<String> hostile() {
        return List.of(
                "{\"messages\": " + nested(100_000) + "}",
                "{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}], \"response_format\": {\"type\":"
                        + " \"json_schema\", \"json_schema\": {\"schema\": "
                        + "{\"items\": ".repeat(200) + "{}" + "}".repeat(200) + "}}}",
                "{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}], \"n\": 1000000000}",
                "{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}], \"n\": -1}",
                "{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}], \"n\": 1e400}",
                "{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}], \"n\": " + "9".repeat(5000) + "}",
                "{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}], \"top_logprobs\": 2147483648}",
                "{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}], \"n\": 1, \"n\": 2}",
                "{\"messages\": [{\"role\": \"user\", \"content\": \"" + "ord ".repeat(100_000) + "\"}]}",
                "{\"messages\": [{\"role\": \"user\", \"content\": \"\\ud800\"}], \"x\": 1}",
                "",
                "\u0000",
                "{",
                "{\"messages\": [",
                "{\"messages\": nothing}",
                "{} {}",
                "[1]",
                "null");
    }

    @Test
    void hostileRequestsAreRefused() throws Exception {
        try (Served served = new Served()) {
            for (String body : hostile()) {
                HttpResponse<String> response = served.post("/v1/chat/completions", body);
                String shown = body.substring(0, Math.min(100, body.length()));
                assertEquals(400, response.statusCode(), () -> shown + " got " + response.body());
                assertTrue(response.body().length() < 2000, () -> shown + " got " + response.body());
                // What the client did wrong, and no words of the library that reads JSON.
                assertFalse(
                        response.body().matches("(?s).*(`|StreamRead|REDACTED|FAIL_ON).*"),
                        () -> shown + " got " + response.body());
            }
            checkAnswers(served);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/completions", "/v1/responses", "/v1/messages", "/api/chat", "/completion"})
    void invalidUtf8(String path) throws Exception {
        try (Served served = new Served();
                Socket socket = connect(served)) {
            byte[] body = json("{'model': 'tiny', 'prompt': 'xx'}").getBytes(StandardCharsets.UTF_8);
            body[body.length - 3] = (byte) 0xC3;
            send(socket, head(path, "Connection: close\r\nContent-Length: " + body.length));
            socket.getOutputStream().write(body);
            String answer = drain(socket);
            assertTrue(answer.startsWith("HTTP/1.1 400"), answer);
        }
    }

    @Test
    void closedMidStream() throws Exception {
        try (Served served = new Served(options -> options.parallel(4).queue(2000))) {
            String body = json("{'prompt': 'Norge', 'max_tokens': 400, 'ignore_eos': true, 'stream': true}");
            String request = head("/v1/completions", "Content-Length: " + body.length()) + body;
            checkAnswers(served);
            served.log.clear();
            int threads = Thread.activeCount();
            for (int i = 0; i < CLOSED; i++) {
                try (Socket socket = connect(served)) {
                    send(socket, request);
                    InputStream in = socket.getInputStream();
                    // Some go before the answer begins, some a little later.
                    for (int read = 0; read < i % 3 * 200; read++) {
                        assertTrue(in.read() >= 0);
                    }
                }
                if (i % 20 == 0) {
                    served.log.poll(1, TimeUnit.SECONDS);
                    checkAnswers(served);
                }
            }
            for (int i = 0; i < 600 && served.get("/slots").body().contains("\"is_processing\":true"); i++) {
                Thread.sleep(100);
            }
            assertTrue(!served.get("/slots").body().contains("\"is_processing\":true"));
            assertTrue(Thread.activeCount() <= threads + 8, "threads stay few");
            checkAnswers(served);
        }
    }

    /** Where weights are read from the file itself, its end is an error of those who ask that model, and of nobody else. */
    @Test
    void aModelThatIsCutOff(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("cut.gguf");
        Files.write(file, TinyModel.gguf());
        String asked = QUESTION.replaceFirst("\\{", "{\"model\": \"cut\", ");
        try (Model model = Model.open(file, options -> options.packed(false).prefixCache(0));
                Served served = new Served(options -> options.model("cut", model))) {
            assertEquals(200, served.post("/v1/chat/completions", asked).statusCode());
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.truncate(4096);
            }
            HttpResponse<String> failed = served.post("/v1/chat/completions", asked);
            assertEquals(500, failed.statusCode(), failed.body());
            String message = read(failed).get("error").get("message").textValue();
            assertTrue(message.contains("cut.gguf"), message);
            checkAnswers(served);
            assertEquals(500, served.post("/v1/chat/completions", asked).statusCode());
            assertEquals(200, served.get("/health").statusCode());
        }
    }
}
