package dev.skald.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.skald.tiny.TinyModel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Models by name, as a user types them: processes of their own, whose environment names a server that has the tiny model. */
class HubCommandsTest {
    private static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

    @TempDir
    Path folder;

    private final AtomicInteger requests = new AtomicInteger();
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.createContext("/", this::handle);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            requests.incrementAndGet();
            String path = exchange.getRequestURI().getPath();
            if (path.equals("/api/models/nb/tiny/revision/main")) {
                send(
                        exchange,
                        200,
                        listing(Map.of("tiny-Q8_0.gguf", TinyModel.gguf())).getBytes(StandardCharsets.UTF_8));
            } else if (path.equals("/nb/tiny/resolve/" + COMMIT + "/tiny-Q8_0.gguf")) {
                send(exchange, 200, TinyModel.gguf());
            } else if (path.equals("/api/models/nb/original/revision/main")) {
                send(exchange, 200, listing(originals()).getBytes(StandardCharsets.UTF_8));
            } else if (path.startsWith("/nb/original/resolve/" + COMMIT + "/")) {
                send(exchange, 200, originals().get(path.substring(path.lastIndexOf('/') + 1)));
            } else {
                exchange.sendResponseHeaders(404, -1);
            }
        }
    }

    /** The files of a model as its maker publishes it, and one that nobody needs. */
    private Map<String, byte[]> originals() throws IOException {
        Path model = Files.createDirectories(folder.resolve("original"));
        OriginalLlama.write(model);
        Map<String, byte[]> files = new TreeMap<>(Map.of("pytorch_model.bin", new byte[10]));
        try (Stream<Path> all = Files.list(model)) {
            for (Path file : all.toList()) {
                files.put(file.getFileName().toString(), Files.readAllBytes(file));
            }
        }
        return files;
    }

    private static String listing(Map<String, byte[]> files) {
        return files.entrySet().stream()
                .map(file -> "{\"rfilename\":\"" + file.getKey() + "\",\"lfs\":{\"sha256\":\"" + sha256(file.getValue())
                        + "\",\"size\":" + file.getValue().length + "}}")
                .collect(Collectors.joining(",", "{\"sha\":\"" + COMMIT + "\",\"siblings\":[", "]}"));
    }

    private static void send(HttpExchange exchange, int status, byte[] bytes) throws IOException {
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private Ran skald(Map<String, String> environment, String... args) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "-Ddev.skald.cli.restarted=true",
                Skald.class.getName()));
        line.addAll(Arrays.asList(args));
        Path err = folder.resolve("stderr");
        ProcessBuilder builder = new ProcessBuilder(line).redirectError(err.toFile());
        builder.redirectInput(Files.writeString(folder.resolve("stdin"), "").toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("HF_"));
        builder.environment()
                .put("HF_ENDPOINT", "http://127.0.0.1:" + server.getAddress().getPort());
        builder.environment().put("HF_HUB_CACHE", folder.resolve("cache").toString());
        builder.environment().putAll(environment);
        Process process = builder.start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ran(process.waitFor(), out, Files.readString(err));
    }

    private Ran skald(String... args) throws IOException, InterruptedException {
        return skald(Map.of(), args);
    }

    @Test
    void convertTakesARepositoryOfOriginalWeights() throws Exception {
        Ran unconverted = skald("pull", "nb/original");
        assertEquals(1, unconverted.code());
        assertTrue(unconverted.err().contains("skald convert nb/original OUT.gguf"), unconverted.err());

        Path out = folder.resolve("out.gguf");
        skald("convert", "nb/original", out.toString()).succeeded();
        assertTrue(skald("inspect", out.toString()).succeeded().contains("llama"));
        assertFalse(
                Files.exists(folder.resolve("cache/models--nb--original/snapshots/" + COMMIT + "/pytorch_model.bin")));
    }

    @Test
    void runPullListRemove() throws Exception {
        Ran run = skald("run", "nb/tiny", "Hva er hovedstaden i Norge?");
        assertEquals("Oslo er hovedstaden i Norge.", run.succeeded().strip());
        assertTrue(run.err().contains("skald: downloading tiny-Q8_0.gguf of nb/tiny (2.4 MB)"), run.err());
        Path file = folder.resolve("cache/models--nb--tiny/snapshots/" + COMMIT + "/tiny-Q8_0.gguf");
        assertTrue(Files.exists(file));

        int before = requests.get();
        assertEquals(
                run.out(),
                skald("run", "nb/tiny:Q8_0", "Hva", "er", "hovedstaden", "i", "Norge?")
                        .succeeded());
        assertEquals(before, requests.get(), "a model that is there needs no request");

        Ran pulled = skald("pull", "https://huggingface.co/nb/tiny");
        assertEquals(file + System.lineSeparator(), pulled.succeeded());
        assertTrue(pulled.err().contains("is in the cache"), pulled.err());

        List<String> listed = skald("list").succeeded().lines().toList();
        assertEquals(2, listed.size());
        assertTrue(
                listed.get(1).matches("nb/tiny:Q8_0 +Q8_0 +2\\.4 MB +\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d"),
                listed.get(1));

        Ran unasked = skald("rm", "nb/tiny");
        assertEquals(2, unasked.code());
        assertTrue(unasked.err().contains("--force"), unasked.err());
        assertTrue(Files.exists(file));
        assertEquals(
                "removed nb/tiny:Q8_0" + System.lineSeparator(),
                skald("rm", "nb/tiny", "--force").succeeded());
        assertFalse(Files.exists(file));
        Ran nothing = skald("list");
        assertEquals("", nothing.succeeded());
        assertTrue(nothing.err().contains("there are no models in"), nothing.err());
        assertEquals(1, skald("rm", "nb/tiny", "--force").code());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "complete -m hf.co/nb/none -p x",
                "inspect nb/none",
                "bench -m nb/none",
                "quantize nb/none out.gguf Q4_0",
                "serve -m name=nb/none",
                "complete --lora nb/none:0.5 -p x",
                "run nb/none hei",
            })
    void everyCommandTakesNames(String line) throws Exception {
        Ran ran = skald(Map.of("HF_HUB_OFFLINE", "1"), line.split(" "));
        assertEquals(1, ran.code(), ran.err());
        String last = ran.err().lines().toList().getLast();
        assertEquals(
                "skald: nb/none is not in the cache " + folder.resolve("cache")
                        + ", and HF_HUB_OFFLINE allows no download",
                last);
        assertEquals(0, requests.get());
    }

    @Test
    void aNameThatIsNeitherFileNorRepository() throws Exception {
        Ran ran = skald("inspect", "nb/nope");
        assertEquals(1, ran.code());
        assertTrue(ran.err().contains("there is no file nb/nope") && ran.err().contains("404"), ran.err());
    }

    @Test
    void theExampleOfTheHubNeedsNoNetwork() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Path.of(System.getProperty("skald.root"), "integrations/hub/example/LocalMirror.java")
                                .toString(),
                        folder.resolve("mirror").toString())
                .redirectError(folder.resolve("stderr").toFile())
                .start();
        List<String> out = process.inputReader(StandardCharsets.UTF_8).lines().toList();
        assertEquals(0, process.waitFor(), Files.readString(folder.resolve("stderr")));
        assertEquals(
                "downloading tiny-Q8_0.gguf of skald/tiny (2.4 MB) to " + folder.resolve("mirror"), out.getFirst());
        assertFalse(out.getLast().isBlank());
    }
}
