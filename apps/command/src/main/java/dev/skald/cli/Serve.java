package dev.skald.cli;

import dev.skald.runtime.Model;
import dev.skald.runtime.embed.Pooling;
import dev.skald.server.ServerMetrics;
import dev.skald.server.ServerOptions;
import dev.skald.server.SkaldServer;
import dev.skald.server.log.RequestRecord;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code skald serve}: models over HTTP. */
@Command(
        name = "serve",
        description = {
            "Serve models over HTTP, with the APIs of OpenAI, Anthropic, Ollama and llama-server.",
            "The base URL of OpenAI's clients is http://HOST:PORT/v1, and that of the others http://HOST:PORT."
        })
final class Serve implements Callable<Integer>, Computes {
    /** The variable for a key that should not appear in the machine's list of processes. */
    private static final String KEY_VARIABLE = "SKALD_API_KEY";

    private static final String TINY = "skald-tiny";

    private final Streams streams;

    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-m", "--model"},
            paramLabel = "[NAME=]MODEL",
            description =
                    "A GGUF file or a model on Hugging Face such as org/repo:Q4_K_M, and the name that clients use for it"
                            + " (default: the tiny model that ships with Skald; the file's name)."
                            + " May be given several times; the first answers requests that name none.")
    private List<String> models = new ArrayList<>();

    @Option(
            names = "--host",
            paramLabel = "ADDRESS",
            defaultValue = "127.0.0.1",
            description = "The address to listen on (default ${DEFAULT-VALUE}, for this machine only).")
    private String host;

    @Option(
            names = "--port",
            paramLabel = "N",
            defaultValue = "8080",
            description = "The port to listen on (default ${DEFAULT-VALUE}; 0 for any free port).")
    private int port;

    @Option(
            names = "--api-key",
            paramLabel = "KEY",
            description = "A key that requests must have; may be given several times. Safer: --api-key-file, or "
                    + KEY_VARIABLE + " in the environment.")
    private List<String> keys = new ArrayList<>();

    @Option(names = "--api-key-file", paramLabel = "FILE", description = "A file with such keys, one per line.")
    private Path keyFile;

    @Option(
            names = "--no-api-key",
            description = "Accept requests without a key even on an address that other machines can reach.")
    private boolean open;

    @Option(
            names = {"-np", "--parallel"},
            paramLabel = "N",
            defaultValue = "4",
            description = "How many requests a model answers at the same time (default ${DEFAULT-VALUE}).")
    private int parallel;

    @Option(
            names = "--queue",
            paramLabel = "N",
            defaultValue = "64",
            description = "How many more requests may wait; others get an error with a time to retry (default"
                    + " ${DEFAULT-VALUE}).")
    private int queue;

    @Option(
            names = {"-c", "--context", "--ctx-size"},
            paramLabel = "C",
            description = "Maximum number of tokens of a conversation (default: what the model was trained for).")
    private Integer context;

    @Option(
            names = {"--embeddings", "--embedding"},
            description = "Only embed and rank texts; refuse requests that generate.")
    private boolean embeddings;

    @Option(
            names = "--pooling",
            paramLabel = "mean|cls|last|rank",
            description = "How the vectors of a text's tokens become one: their mean, the first, the last, or a"
                    + " classifier's scores (default: as the file says; without that the model does not embed).")
    private Pooling pooling;

    @Option(
            names = "--cors",
            paramLabel = "ORIGIN",
            description = "Allow requests from web pages of this origin, such as https://example.org, or * for all.")
    private List<String> origins = new ArrayList<>();

    @Option(names = "--metrics", description = "Provide metrics for Prometheus at /metrics.")
    private boolean metrics;

    @Option(names = "--quiet", description = "Do not log requests.")
    private boolean quiet;

    @Mixin
    private ComputeArguments compute;

    Serve(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<String> allowed = keys();
        if (allowed.isEmpty() && !open && !InetAddress.getByName(host).isLoopbackAddress()) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--host " + host + " is reached from other machines: give --api-key, --api-key-file or "
                            + KEY_VARIABLE + ", or say --no-api-key");
        }
        Map<String, Model> opened = new LinkedHashMap<>();
        ServerMetrics counts = new ServerMetrics();
        try {
            for (Map.Entry<String, Path> file : files().entrySet()) {
                opened.put(file.getKey(), compute.open(file.getValue(), null, options -> {
                    if (metrics) {
                        options.listener(counts.model(file.getKey()));
                    }
                }));
            }
            serve(opened, allowed, counts);
        } finally {
            opened.values().forEach(Model::close);
        }
        return 0;
    }

    /** Names and files, in order. */
    private Map<String, Path> files() throws IOException {
        Map<String, Path> files = new LinkedHashMap<>();
        for (String model : models) {
            int split = model.indexOf('=');
            // A path may have such a sign too.
            boolean named = split > 0 && !model.startsWith("http") && Files.notExists(Path.of(model));
            Path file = HubModels.resolve(named ? model.substring(split + 1) : model, streams.err());
            String name = named
                    ? model.substring(0, split)
                    : file.getFileName().toString().replaceFirst("\\.gguf$", "");
            if (files.put(name, file) != null) {
                throw new ParameterException(
                        spec.commandLine(), "two models are called " + name + ": name one of them by -m NAME=FILE");
            }
        }
        if (files.isEmpty()) {
            files.put(TINY, BundledModel.file());
        }
        return files;
    }

    private List<String> keys() throws IOException {
        List<String> all = new ArrayList<>(keys);
        Optional.ofNullable(System.getenv(KEY_VARIABLE))
                .filter(key -> !key.isBlank())
                .ifPresent(all::add);
        if (keyFile != null) {
            try (Stream<String> lines = Files.lines(keyFile)) {
                lines.map(String::strip).filter(line -> !line.isEmpty()).forEach(all::add);
            }
        }
        return all;
    }

    private void serve(Map<String, Model> opened, List<String> allowed, ServerMetrics counts)
            throws IOException, InterruptedException {
        PrintWriter err = streams.err();
        try (SkaldServer server = SkaldServer.start(compute.settings((ServerOptions options) -> {
            opened.forEach(options::model);
            allowed.forEach(options::apiKey);
            origins.forEach(options::origin);
            options.host(host).port(port).parallel(parallel).queue(queue).embeddingsOnly(embeddings);
            if (pooling != null) {
                options.pooling(pooling);
            }
            if (metrics) {
                options.metrics(counts);
            }
            if (context != null) {
                options.contextLength(context);
            }
            if (!quiet) {
                options.log(record -> log(err, record));
            }
        }))) {
            Thread closing = new Thread(server::close, "skald-closing");
            Runtime.getRuntime().addShutdownHook(closing);
            err.println("skald: serving " + String.join(", ", opened.keySet()) + " at " + server.uri()
                    + " (Ctrl-C ends it)");
            err.flush();
            server.join();
        }
    }

    /** Logs one line of JSON for a request, without any text of users. */
    private static void log(PrintWriter err, RequestRecord record) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("time", record.time().toString());
        line.put("method", record.method());
        line.put("path", record.path());
        line.put("status", record.status());
        line.put("ms", record.duration().toMillis());
        record.model().ifPresent(model -> {
            line.put("model", model);
            line.put("prompt_tokens", record.promptTokens());
            line.put("cached_tokens", record.cachedTokens());
            line.put("generated_tokens", record.generatedTokens());
        });
        record.firstToken().ifPresent(time -> line.put("first_token_ms", time.toMillis()));
        record.error().ifPresent(error -> line.put("error", error));
        synchronized (err) {
            try {
                Json.printLine(err, line);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            err.flush();
        }
    }
}
