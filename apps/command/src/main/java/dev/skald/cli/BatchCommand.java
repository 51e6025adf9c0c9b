package dev.skald.cli;

import dev.skald.gguf.io.InputFile;
import dev.skald.runtime.Model;
import dev.skald.server.SkaldServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code skald batch}: many requests from a file. */
@Command(
        name = "batch",
        description = {
            "Answer the requests in a file, several at a time, and add a line to another file for each.",
            "",
            "A line of IN is a row of OpenAI's batch files (custom_id, method, url, body), or an object with 'messages' to"
                    + " answer, a 'prompt' to continue or a 'text' to embed. It may also have an 'id' (default: the number of its"
                    + " line) and parameters such as max_tokens.",
            "",
            "Answers come in the order in which they are ready; their ids say which is which. A batch that was stopped continues"
                    + " when you run it again: rows that have a line in OUT are skipped. A row that fails gets a line with the"
                    + " error, and the exit code is 1.",
            ""
        },
        footer = {"", "Example: skald batch -m model.gguf questions.jsonl answers.jsonl"})
final class BatchCommand implements Callable<Integer>, Computes {
    private static final Duration GRACE = Duration.ofMillis(100);

    private final Streams streams;

    @Spec
    private CommandSpec spec;

    @Mixin
    private ModelArguments model;

    @Parameters(index = "0", paramLabel = "IN", description = "The requests: JSON, one on each line.")
    private Path in;

    @Parameters(
            index = "1",
            paramLabel = "OUT",
            converter = OutputFile.OfText.class,
            description = "The answers, or - for standard output; lines are added to a file that has some.")
    private Path out;

    @Option(
            names = {"-np", "--parallel"},
            paramLabel = "N",
            defaultValue = "8",
            description = "How many rows are answered at the same time (default ${DEFAULT-VALUE}).")
    private int parallel;

    @Option(
            names = {"-n", "--max-tokens", "--predict", "--n-predict"},
            paramLabel = "N",
            defaultValue = "1024",
            description =
                    "Maximum number of tokens of an answer, where the row does not say (default ${DEFAULT-VALUE}).")
    private int maxTokens;

    @Option(
            names = {"--temperature", "--temp"},
            paramLabel = "T",
            description =
                    "The temperature, where the row does not say (default: as the model's file recommends, else 0.8).")
    private Float temperature;

    @Option(
            names = "--seed",
            paramLabel = "S",
            defaultValue = "0",
            description =
                    "The seed of the batch; each row has a seed of its own from this and its id, so that the same batch has"
                            + " the same answers (default ${DEFAULT-VALUE}).")
    private long seed;

    @Option(names = "--force", description = "Begin anew: throw away what OUT holds.")
    private boolean force;

    BatchCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (parallel < 1 || parallel > 1024) {
            throw wrong("--parallel is " + parallel + "; it must be 1 to 1024");
        }
        if (maxTokens < 0) {
            throw wrong("--max-tokens is " + maxTokens + "; it must be at least 0");
        }
        if (temperature != null && !(temperature >= 0 && temperature <= 2)) {
            throw wrong("--temperature is " + temperature + "; it must be 0 to 2");
        }
        InputFile.check(in);
        long rows = check();
        ForceArguments.checkInputs(out, Arrays.asList(in, model.named()));
        try (BatchOutput output =
                OutputFile.isStandardOutput(out) ? BatchOutput.printing(streams.out()) : BatchOutput.open(out, force)) {
            long[] left = {0};
            read(row -> left[0] += output.has(row.key()) ? 0 : 1);
            if (left[0] > 0) {
                answer(output, rows, left[0]);
            }
            long failures = output.failures();
            streams.err()
                    .println("skald: " + rows + (rows == 1 ? " row" : " rows")
                            + (left[0] < rows ? ", " + (rows - left[0]) + " of them answered before" : "")
                            + (failures > 0 ? "; " + failures + " failed, as their lines say" : ""));
            return failures > 0 ? ExitCode.SOFTWARE : ExitCode.OK;
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private interface Rows {
        void take(BatchRow row) throws IOException, InterruptedException;
    }

    /** Reads the rows in their order. Empty lines are none. */
    private void read(Rows rows) throws IOException, InterruptedException {
        // Each byte as a letter, so that a line of other bytes than UTF-8 is a row that fails, and no more.
        try (BufferedReader lines = Files.newBufferedReader(in, StandardCharsets.ISO_8859_1)) {
            long number = 0;
            for (String bytes = lines.readLine(); bytes != null; bytes = lines.readLine()) {
                number++;
                if (!bytes.isBlank()) {
                    rows.take(row(bytes.getBytes(StandardCharsets.ISO_8859_1), number));
                }
            }
        }
    }

    private static BatchRow row(byte[] utf8, long number) {
        String line = "line " + number;
        try {
            String text = PromptArguments.utf8(line, utf8);
            return BatchRow.parse(number == 1 && text.startsWith("\uFEFF") ? text.substring(1) : text, number);
        } catch (IOException malformed) {
            // The message of a row that fails begins with its line anyway.
            return BatchRow.unreadable(number, malformed.getMessage().substring(line.length() + 2));
        }
    }

    /** Returns how many rows there are. Two with the same id could not be told apart. */
    private long check() throws IOException, InterruptedException {
        Map<String, Long> lines = new HashMap<>();
        read(row -> {
            Long other = lines.put(row.key(), row.line());
            if (other != null) {
                throw new IOException(in + ": lines " + other + " and " + row.line() + " have the same id, '"
                        + row.key() + "'; the ids of rows, and the line numbers of those without, must differ");
            }
        });
        if (lines.isEmpty()) {
            throw new IOException(in + " has no rows");
        }
        return lines.size();
    }

    private void answer(BatchOutput output, long rows, long left) throws IOException, InterruptedException {
        // The server of skald serve reads requests and batches them. Nobody else knows its key.
        String key = UUID.randomUUID().toString();
        try (Model opened = model.open()) {
            model.warn(opened);
            try (SkaldServer server = SkaldServer.start(options -> {
                        options.model("skald", opened).host("127.0.0.1").port(0).apiKey(key);
                        options.parallel(parallel).queue(parallel).grace(GRACE);
                        options.contextLength(model.contextOr(opened.contextLength()));
                        options.mostBodyBytes(Integer.MAX_VALUE);
                    });
                    HttpClient client = HttpClient.newBuilder()
                            .version(HttpClient.Version.HTTP_1_1)
                            .proxy(HttpClient.Builder.NO_PROXY)
                            .build();
                    Progress progress = Progress.of("answering", rows)) {
                send(output, new Sender(client, server.uri(), key), rows - left, progress);
            }
        }
    }

    private record Sender(HttpClient client, URI server, String key) {
        HttpResponse<byte[]> send(String url, byte[] body) throws IOException, InterruptedException {
            HttpRequest request = HttpRequest.newBuilder(server.resolve(url))
                    .header("Authorization", "Bearer " + key)
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                    .build();
            return client.send(request, HttpResponse.BodyHandlers.ofByteArray());
        }
    }

    private void send(BatchOutput output, Sender sender, long before, Progress progress)
            throws IOException, InterruptedException {
        AtomicLong done = new AtomicLong(before);
        AtomicReference<IOException> failure = new AtomicReference<>();
        Semaphore free = new Semaphore(parallel);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            try {
                read(row -> {
                    if (output.has(row.key())) {
                        return;
                    }
                    free.acquire();
                    if (failure.get() != null) {
                        throw failure.get();
                    }
                    threads.execute(() -> {
                        try {
                            answer(row, sender, output);
                            progress.accept(
                                    done.incrementAndGet(),
                                    output.failures() == 0 ? "" : output.failures() + " failed");
                        } catch (IOException e) {
                            failure.compareAndSet(null, e);
                        } catch (InterruptedException ending) {
                            Thread.currentThread().interrupt();
                        } finally {
                            free.release();
                        }
                    });
                });
            } catch (IOException | InterruptedException | RuntimeException e) {
                threads.shutdownNow();
                throw e;
            }
        }
        if (failure.get() != null) {
            throw failure.get();
        }
        if (Thread.interrupted()) {
            throw new InterruptedIOException("the batch was interrupted; run it again to continue");
        }
    }

    private void answer(BatchRow row, Sender sender, BatchOutput output) throws IOException, InterruptedException {
        byte[] line;
        boolean failed = true;
        if (row.mistake().isEmpty()) {
            HttpResponse<byte[]> response = sender.send(row.url(), row.request(maxTokens, temperature, seed));
            String answer = BatchRow.text(row.answered(response.statusCode(), response.body()));
            failed = BatchRow.isFailure(answer);
            line = answer.getBytes(StandardCharsets.UTF_8);
        } else {
            line = BatchRow.text(row.failed("invalid_request", "line " + row.line() + ": " + row.mistake()))
                    .getBytes(StandardCharsets.UTF_8);
        }
        output.add(line, failed);
    }
}
