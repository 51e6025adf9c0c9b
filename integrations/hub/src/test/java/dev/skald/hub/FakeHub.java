package dev.skald.hub;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A server that speaks the Hub's API, and a second one that it redirects files to, as the Hub does to its CDN. A fault can take
 * the place of any answer.
 */
final class FakeHub implements AutoCloseable {
    static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

    /** A request that came. */
    record Seen(boolean cdn, String method, String path, String range, String authorization) {
        boolean isFile() {
            return path.contains("/resolve/") || cdn;
        }
    }

    /** Takes the place of an answer. */
    interface Fault {
        /** Returns whether it has answered. */
        boolean answer(Seen seen, HttpExchange exchange) throws IOException;
    }

    final Map<String, byte[]> files = new LinkedHashMap<>();
    final List<Seen> seen = new CopyOnWriteArrayList<>();
    volatile String commit = COMMIT;
    volatile boolean ranges = true;
    volatile boolean redirects = true;
    volatile Fault fault = (seen, exchange) -> false;
    /** What the listing says; null to say what is there. */
    volatile String listing;

    private final HttpServer hub;
    private final HttpServer cdn;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    FakeHub() {
        hub = start(false);
        cdn = start(true);
    }

    private HttpServer start(boolean second) {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
            server.setExecutor(threads);
            server.createContext("/", exchange -> handle(second, exchange));
            server.start();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + hub.getAddress().getPort());
    }

    /** Another name of the same machine, so another host. */
    String cdn() {
        return "http://localhost:" + cdn.getAddress().getPort();
    }

    byte[] file(String path, int size) {
        byte[] bytes = new byte[size];
        new Random(path.hashCode()).nextBytes(bytes);
        files.put(path, bytes);
        return bytes;
    }

    static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    long fileRequests() {
        return seen.stream().filter(Seen::isFile).count();
    }

    private void handle(boolean second, HttpExchange exchange) throws IOException {
        try (exchange) {
            Seen request = new Seen(
                    second,
                    exchange.getRequestMethod(),
                    exchange.getRequestURI().getRawPath(),
                    exchange.getRequestHeaders().getFirst("Range"),
                    exchange.getRequestHeaders().getFirst("Authorization"));
            seen.add(request);
            if (fault.answer(request, exchange)) {
                return;
            }
            if (request.path.startsWith("/api/models/org/repo/revision/")) {
                byte[] json = (listing == null ? listing() : listing).getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(200, json.length);
                exchange.getResponseBody().write(json);
            } else if (request.isFile()) {
                file(second, exchange, request);
            } else {
                exchange.sendResponseHeaders(404, -1);
            }
        }
    }

    private String listing() {
        StringBuilder json = new StringBuilder("{\"id\":\"org/repo\",\"sha\":\"" + commit
                + "\",\"gated\":false,\"siblings\":[{\"rfilename\":\"README.md\","
                + "\"size\":5,\"blobId\":\"1234567890123456789012345678901234567890\"}");
        files.forEach((path, bytes) -> json.append(",{\"rfilename\":\"")
                .append(path)
                .append("\",\"size\":")
                .append(bytes.length)
                .append(",\"blobId\":\"9234567890123456789012345678901234567890\",\"lfs\":{\"sha256\":\"")
                .append(sha256(bytes))
                .append("\",\"size\":")
                .append(bytes.length)
                .append(",\"pointerSize\":134}}"));
        return json.append("]}").toString();
    }

    private void file(boolean second, HttpExchange exchange, Seen request) throws IOException {
        String path = URLDecoder.decode(request.path, StandardCharsets.UTF_8)
                .replaceFirst("^/org/repo/resolve/[^/]+/|^/cdn/", "");
        byte[] bytes = files.get(path);
        if (bytes == null) {
            exchange.getResponseHeaders().add("X-Error-Code", "EntryNotFound");
            exchange.sendResponseHeaders(404, -1);
            return;
        }
        if (!second && redirects) {
            exchange.getResponseHeaders().add("X-Repo-Commit", commit);
            exchange.getResponseHeaders().add("X-Linked-Etag", "\"" + sha256(bytes) + "\"");
            exchange.getResponseHeaders().add("X-Linked-Size", Integer.toString(bytes.length));
            exchange.getResponseHeaders()
                    .add("Location", cdn() + "/cdn/" + path.replace(" ", "%20") + "?Signature=abc");
            exchange.sendResponseHeaders(302, -1);
            return;
        }
        send(exchange, bytes, request.range, Integer.MAX_VALUE);
    }

    /** Sends a file or its range; after some bytes the connection is cut. */
    void send(HttpExchange exchange, byte[] bytes, String range, int cutAfter) throws IOException {
        int from = 0;
        int end = bytes.length;
        Matcher wanted = Pattern.compile("bytes=(\\d+)-(\\d+)").matcher(ranges && range != null ? range : "");
        if (wanted.matches()) {
            from = Integer.parseInt(wanted.group(1));
            end = Math.min(end, Integer.parseInt(wanted.group(2)) + 1);
            if (from >= bytes.length) {
                exchange.sendResponseHeaders(416, -1);
                return;
            }
            exchange.getResponseHeaders().add("Content-Range", "bytes " + from + "-" + (end - 1) + "/" + bytes.length);
            exchange.sendResponseHeaders(206, end - from);
        } else if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.sendResponseHeaders(200, -1);
            return;
        } else {
            exchange.sendResponseHeaders(200, end == 0 ? -1 : end);
        }
        OutputStream out = exchange.getResponseBody();
        out.write(bytes, from, Math.min(end - from, cutAfter));
        out.flush();
    }

    static boolean status(HttpExchange exchange, int status, String... headers) throws IOException {
        for (int i = 0; i < headers.length; i += 2) {
            exchange.getResponseHeaders().add(headers[i], headers[i + 1]);
        }
        exchange.sendResponseHeaders(status, -1);
        return true;
    }

    @Override
    public void close() {
        hub.stop(0);
        cdn.stop(0);
        threads.shutdownNow();
    }
}
