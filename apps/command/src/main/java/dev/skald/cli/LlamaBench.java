package dev.skald.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.skald.bench.Rival;
import dev.skald.bench.Workload;
import dev.skald.bench.Workload.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The {@code llama-bench} of llama.cpp, or of a program derived from it. It runs once for each repetition. Depths need a
 * version with {@code -d}, or at least {@code -gp}.
 */
final class LlamaBench implements Rival {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final int COMPLAINT_LINES = 3;

    private final Path program;
    private final List<String> options;
    private final Path model;
    private final int threads;
    private final String help;
    private String commit = "";

    /**
     * Checks a program.
     *
     * @param options further options for it, such as {@code -fa 1}
     * @throws IOException if it cannot be started or is not a llama-bench
     */
    LlamaBench(Path program, List<String> options, Path model, int threads) throws IOException, InterruptedException {
        this.program = program;
        this.options = options;
        this.model = model;
        this.threads = threads;
        Output output = run(List.of("--help"));
        help = output.out + output.err;
        if (!help.contains("--n-gen")) {
            throw new IOException(program + " is not a llama-bench: its --help does not mention --n-gen");
        }
    }

    /** The version of the program that was run last; empty before the first run. */
    String commit() {
        return commit;
    }

    @Override
    public boolean can(Workload workload) {
        return workload.sequences() == 1
                && (workload.depth() == 0
                        || hasDepth()
                        || workload.kind() == Kind.GENERATION && help.contains("-gp <pp,tg>"));
    }

    private boolean hasDepth() {
        return help.contains("--n-depth");
    }

    @Override
    public double tokensPerSecond(Workload workload) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(options);
        line.addAll(List.of("-m", model.toString(), "-t", Integer.toString(threads), "-r", "1", "-o", "json"));
        line.addAll(arguments(workload));
        Output output = run(line);
        if (output.code != 0) {
            throw new IOException(program + " ended with exit code " + output.code + ": " + output.complaint());
        }
        Answer answer = parse(output.out);
        commit = answer.commit;
        return answer.tokensPerSecond;
    }

    private List<String> arguments(Workload workload) {
        String tokens = Integer.toString(workload.tokens());
        boolean prompt = workload.kind() == Kind.PROMPT;
        if (workload.depth() > 0 && !hasDepth()) {
            return List.of("-p", "0", "-n", "0", "-gp", workload.depth() + "," + tokens);
        }
        List<String> arguments = new ArrayList<>(List.of("-p", prompt ? tokens : "0", "-n", prompt ? "0" : tokens));
        if (workload.depth() > 0) {
            arguments.addAll(List.of("-d", Integer.toString(workload.depth())));
        }
        return arguments;
    }

    /**
     * The result of one test.
     *
     * @param commit the commit that it was built from
     * @param tokensPerSecond the mean of its repetitions
     */
    record Answer(String commit, double tokensPerSecond) {}

    static Answer parse(String json) throws IOException {
        JsonNode tests;
        try {
            tests = MAPPER.readTree(json);
        } catch (JsonProcessingException broken) {
            throw new IOException("llama-bench did not print JSON: " + Json.problem(broken), broken);
        }
        JsonNode speed = tests.path(0).path("avg_ts");
        if (tests.size() != 1 || !speed.isNumber() || !(speed.asDouble() > 0)) {
            throw new IOException("llama-bench was asked for one test and gave " + tests.size() + ", avg_ts " + speed);
        }
        return new Answer(tests.path(0).path("build_commit").asText(), speed.asDouble());
    }

    private record Output(int code, String out, String err) {
        String complaint() {
            List<String> lines = err.lines().filter(line -> !line.isBlank()).toList();
            return lines.stream()
                    .skip(Math.max(0, lines.size() - COMPLAINT_LINES))
                    .collect(Collectors.joining("; "));
        }
    }

    /** Runs it with its output in files, because a pipe would have to be emptied while waiting, and cannot be interrupted. */
    private Output run(List<String> arguments) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>();
        line.add(program.toString());
        line.addAll(arguments);
        Path out = temporary(".out");
        Path err = temporary(".err");
        try {
            Process process = new ProcessBuilder(line)
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile())
                    .start();
            int code = TidyExit.letFinish(() -> {
                try {
                    return process.waitFor();
                } finally {
                    process.destroyForcibly();
                }
            });
            return new Output(code, read(out), read(err));
        } finally {
            Files.deleteIfExists(out);
            Files.deleteIfExists(err);
        }
    }

    private static Path temporary(String ending) throws IOException {
        Path file = Files.createTempFile("skald-llama-bench", ending);
        // In case the process ends meanwhile.
        file.toFile().deleteOnExit();
        return file;
    }

    private static String read(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    }
}
