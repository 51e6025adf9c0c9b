import com.sun.net.httpserver.HttpServer;
import dev.skald.hub.Hub;
import dev.skald.hub.HubListener;
import dev.skald.runtime.Model;
import dev.skald.tiny.TinyModel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;

/** Downloads a model by name from a mirror of the Hub on this machine, which needs to answer no more than two addresses. */
class LocalMirror {
    private static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

    public static void main(String[] args) throws IOException, GeneralSecurityException {
        byte[] file = TinyModel.gguf();
        String list = """
                {"sha": "%s", "siblings": [{"rfilename": "tiny-Q8_0.gguf", "size": %d, "lfs": {"sha256": "%s"}}]}
                """.formatted(COMMIT, file.length, HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(file)));
        HttpServer mirror = mirror(Map.of(
                "/api/models/skald/tiny/revision/main", list.getBytes(StandardCharsets.UTF_8),
                "/skald/tiny/resolve/" + COMMIT + "/tiny-Q8_0.gguf", file));
        URI address = URI.create("http://127.0.0.1:" + mirror.getAddress().getPort());
        Path cache = args.length > 0 ? Path.of(args[0]) : Files.createTempDirectory("skald-hub-");

        Hub hub = Hub.open(o -> o.cache(cache).endpoint(address));
        HubListener notes = new HubListener() {
            @Override
            public void note(String text) {
                System.out.println(text);
            }
        };
        hub.resolve("skald/tiny:Q8_0", notes);
        mirror.stop(0);

        // Now it is in the cache, and no server is asked.
        try (Model model = Model.open(hub.resolve("skald/tiny:Q8_0"))) {
            System.out.println(model.complete("Oslo er", g -> g.maxTokens(12).temperature(0)));
        }
    }

    private static HttpServer mirror(Map<String, byte[]> files) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        files.forEach((path, bytes) -> server.createContext(path, exchange -> {
            try (exchange) {
                exchange.sendResponseHeaders(200, bytes.length);
                exchange.getResponseBody().write(bytes);
            }
        }));
        server.start();
        return server;
    }
}
