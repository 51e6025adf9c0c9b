import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Writes models of real shapes at full size, one after the other, opens and runs each, and deletes it: {@code java
 * benchmarks/FullSize.java FOLDER [--against LLAMA_BENCH] [SHAPE:TYPE...]}, from the root of the project, after {@code ./skald} has
 * built. FOLDER needs room for the largest file. A file that is there already is measured and kept.
 *
 * <p>For each model it prints the size of its file, the seconds it takes to write it, and the peak memory of a process that generates
 * 16 tokens (with an encoder: embeds 16 texts), as {@code /usr/bin/time} reports it. From {@code skald bench} it prints the tokens per
 * second of a prompt of 512 tokens and of generation, the share of the limit, the ratio to the other program's speed, and whether
 * weights are packed.
 */
public final class FullSize {
    private static final List<String> ALL = List.of(
            "gemma-3-1b:Q4_K_M",
            "bge-m3:Q8_0",
            "phi-3.5-mini:Q4_K_M",
            "gemma-3-4b:Q4_K_M",
            "qwen3-4b:Q4_K_M",
            "gpt-oss-20b:MXFP4_MOE",
            "qwen3-30b-a3b:Q4_K_M");
    private static final String ENCODER = "bge-m3";
    private static final int TOKENS = 16;

    /** A process's output, time and memory. */
    private record Ran(String out, String err, double seconds) {
        String last(String pattern) {
            String found = "";
            Matcher matcher = Pattern.compile(pattern).matcher(out + "\n" + err);
            while (matcher.find()) {
                found = matcher.group(1);
            }
            return found;
        }
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        List<String> rest = new ArrayList<>(Arrays.asList(args).subList(1, args.length));
        List<String> against = new ArrayList<>();
        if (!rest.isEmpty() && rest.getFirst().equals("--against")) {
            against.addAll(List.of(rest.removeFirst(), rest.removeFirst()));
        }
        System.out.println("| model | file, GB | written in, s | peak resident, GB | weights | test | tokens/s | share of the limit"
                + " | times the other |");
        System.out.println("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        for (String model : rest.isEmpty() ? ALL : rest) {
            String[] parts = model.split(":");
            Path file = Path.of(args[0], parts[0] + "-" + parts[1] + ".gguf");
            boolean kept = Files.exists(file);
            try {
                String written = kept
                        ? ""
                        : String.format(
                                Locale.ROOT,
                                "%.0f",
                                skald("synth", "--shape", parts[0], "--type", parts[1], file.toString()).seconds());
                String head = String.format(
                        Locale.ROOT, "| %s %s | %.2f | %s ", parts[0], parts[1], Files.size(file) * 1e-9, written);
                measure(head, file, parts[0].equals(ENCODER), against);
            } finally {
                if (!kept) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    private static void measure(String head, Path file, boolean encoder, List<String> against)
            throws IOException, InterruptedException {
        List<String> run = new ArrayList<>(List.of("/usr/bin/time", "-f", "%M KB"));
        if (encoder) {
            Path texts = Files.createTempFile("skald", ".txt");
            Files.writeString(texts, "Ferjen går over fjorden før det blir lyst.\n".repeat(TOKENS));
            run.addAll(command("embed", "-m", file.toString(), "-f", texts.toString()));
            Ran ran = run(run);
            Files.delete(texts);
            System.out.printf(
                    Locale.ROOT,
                    "%s| %.2f | | %d texts, opening included | %.1f texts/s | | |%n",
                    head,
                    peak(ran),
                    TOKENS,
                    TOKENS / ran.seconds());
            return;
        }
        run.addAll(command("complete", "-m", file.toString(), "-p", "Oslo er", "-n", "" + TOKENS, "--temperature", "0"));
        run.addAll(List.of("--tokens", "--context", "512"));
        double peak = peak(run(run));
        List<String> bench = command("bench", "-m", file.toString(), "-p", "512", "-n", "32", "-r", "3", "-o", "json");
        bench.addAll(against);
        String json = run(bench).out();
        for (String row : json.split("\\},?\\s*\\{")) {
            Ran one = new Ran(row, "", 0);
            System.out.printf(
                    Locale.ROOT,
                    "%s| %.2f | %s | %s | %s | %s | %s |%n",
                    head,
                    peak,
                    one.last("\"in_place\"\\s*:\\s*(\\w+)").equals("true") ? "in place" : "packed",
                    one.last("\"test\"\\s*:\\s*\"([^\"]+)\""),
                    number(one.last("\"avg_ts\"\\s*:\\s*([-\\d.eE]+)"), "%.1f"),
                    number(one.last("\"share_of_limit\"\\s*:\\s*([-\\d.eE]+)"), "%.2f"),
                    number(one.last("\"ratio\"\\s*:\\s*([-\\d.eE]+)"), "%.2f"));
        }
    }

    private static String number(String found, String format) {
        return found.isEmpty() ? "" : String.format(Locale.ROOT, format, Double.parseDouble(found));
    }

    /** In GB of 10^9 bytes. */
    private static double peak(Ran ran) {
        return Double.parseDouble(ran.last("(\\d+) KB")) * 1024e-9;
    }

    private static Ran skald(String... arguments) throws IOException, InterruptedException {
        return run(command(arguments));
    }

    private static List<String> command(String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@apps/command/src/main/resources/dev/skald/cli/jvm.options",
                "@apps/command/src/main/resources/dev/skald/cli/vectors.options",
                "-Ddev.skald.cli.restarted=true",
                "-jar",
                "apps/command/target/skald.jar"));
        command.addAll(Arrays.asList(arguments));
        return command;
    }

    private static Ran run(List<String> command) throws IOException, InterruptedException {
        long start = System.nanoTime();
        Path err = Files.createTempFile("skald", ".err");
        try {
            Process process = new ProcessBuilder(command).redirectError(err.toFile()).start();
            String out;
            try (InputStream in = process.getInputStream()) {
                out = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            }
            String message = Files.readString(err);
            if (process.waitFor() != 0) {
                throw new IOException(command + " failed:\n" + message);
            }
            return new Ran(out, message, (System.nanoTime() - start) * 1e-9);
        } finally {
            Files.delete(err);
        }
    }
}
