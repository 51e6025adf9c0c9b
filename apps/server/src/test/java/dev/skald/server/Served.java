package dev.skald.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.skald.gguf.GgufFile;
import dev.skald.gguf.GgufMetadata;
import dev.skald.gguf.GgufWriter;
import dev.skald.gguf.TensorInfo;
import dev.skald.runtime.Model;
import dev.skald.runtime.ModelOptions;
import dev.skald.server.log.RequestRecord;
import dev.skald.tiny.TinyModel;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

/** A server with the tiny model, and a client of the JDK's, which offers HTTP/2 with each first request. */
final class Served implements AutoCloseable {
    static final ObjectMapper MAPPER = new ObjectMapper();

    private final Path file;
    private final Model model;
    final SkaldServer server;
    final HttpClient client = HttpClient.newHttpClient();
    final BlockingQueue<RequestRecord> log = new LinkedBlockingQueue<>();

    Served() throws IOException {
        this(options -> {});
    }

    Served(Consumer<ServerOptions> settings) throws IOException {
        this(settings, opening -> {});
    }

    Served(Consumer<ServerOptions> settings, Consumer<ModelOptions> opening) throws IOException {
        file = Files.createTempFile("tiny", ".gguf");
        Files.write(file, TinyModel.gguf());
        model = Model.open(file, opening);
        server = SkaldServer.start(options -> {
            options.model("tiny", model).port(0).log(log::add);
            settings.accept(options);
        });
    }

    URI uri(String path) {
        return server.uri().resolve(path);
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(uri(path)).build(), BodyHandlers.ofString());
    }

    HttpResponse<String> post(String path, String body, String... headers) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(path)).POST(BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), BodyHandlers.ofString());
    }

    /** A JSON text, with single quotes for double ones. */
    static String json(String text) {
        return text.replace('\'', '"');
    }

    static JsonNode read(HttpResponse<String> response) throws IOException {
        return MAPPER.readTree(response.body());
    }

    /** Writes the bundled model's file, with other values of some keys and with more of them. */
    static void writeTiny(Path to, Map<String, String> other, Consumer<GgufWriter> more) throws IOException {
        Path from = Files.createTempFile(to.getParent(), "tiny", ".gguf");
        Files.write(from, TinyModel.gguf());
        try (GgufFile file = GgufFile.open(from);
                GgufWriter writer = GgufWriter.create(to)) {
            GgufMetadata metadata = file.metadata();
            for (String key : metadata.keys()) {
                Object value = metadata.get(key);
                writer.put(key, metadata.type(key), other.containsKey(key) ? other.get(key) : value);
            }
            more.accept(writer);
            for (TensorInfo tensor : file.tensors()) {
                writer.tensor(
                        tensor.name(),
                        tensor.type(),
                        tensor.shape().stream().mapToLong(Long::longValue).toArray());
            }
            for (TensorInfo tensor : file.tensors()) {
                writer.data(tensor.name(), file.data(tensor));
            }
            writer.commit();
        }
    }

    /** The data of events. */
    static List<String> events(HttpResponse<String> response) {
        return response.body()
                .lines()
                .filter(line -> line.startsWith("data: "))
                .map(line -> line.substring("data: ".length()))
                .toList();
    }

    @Override
    public void close() throws IOException {
        client.shutdownNow();
        server.close();
        model.close();
        Files.delete(file);
    }
}
