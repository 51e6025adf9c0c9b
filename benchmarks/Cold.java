import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Measures cold starts and memory beside llama.cpp: {@code java benchmarks/Cold.java RUNS LLAMA-BENCH MODEL...}, from the root of the
 * project; {@code -} for LLAMA-BENCH leaves it out. Linux only.
 *
 * <p>Skald reads a prompt of 16 tokens with {@code complete}, and is measured from the start of the process to its first token.
 * llama-bench reads one of 16 with {@code -p 16 -n 0 -r 1} and without warm-up. Its whole time is measured, because it prints nothing
 * earlier. They take turns, and the file is in the page cache. Memory is the largest resident size (VmHWM) of a process that
 * generates 16 tokens, and how much of that exceeds the file with the keys and values of these tokens.
 */
public final class Cold {
    private static final String PROMPT = "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16";
    private static final int GENERATED = 16;

    /** The bytes of keys and values for a token, in half precision and the 1.24B shape: 16 layers of 8 heads of 64. */
    private static final long KV_BYTES = 2L * 16 * 8 * 64 * 2;

    private record Run(double seconds, long bytes) {}

    public static void main(String[] args) throws IOException, InterruptedException {
        if (args.length < 3) {
            System.err.println("java benchmarks/Cold.java RUNS LLAMA-BENCH MODEL...");
            System.exit(2);
        }
        System.out.println("| model | first token, s: median, worst | memory, MB | over file and KV | "
                + "llama-bench, s: median | times | memory, MB | over file and KV |");
        System.out.println("| --- | --- | --- | --- | --- | --- | --- | --- |");
        // Builds if something has changed, and makes the cache of classes.
        run(List.of("./skald", "--version"));
        List<String> noWarmUp = args[1].equals("-") ? List.of() : noWarmUp(args[1]);
        for (String model : Arrays.copyOfRange(args, 2, args.length)) {
            read(Path.of(model));
            List<Run> ours = new ArrayList<>();
            List<Run> theirs = new ArrayList<>();
            for (int i = 0; i < Integer.parseInt(args[0]); i++) {
                ours.add(run(skald(model)));
                if (!args[1].equals("-")) {
                    theirs.add(run(llamaBench(args[1], model, noWarmUp)));
                }
            }
            long file = Files.size(Path.of(model)) + 2 * GENERATED * KV_BYTES;
            double[] seconds = seconds(ours);
            String row = String.format(
                    Locale.ROOT,
                    "| %s | %.2f, %.2f | %s |",
                    Path.of(model).getFileName(),
                    seconds[seconds.length / 2],
                    seconds[seconds.length - 1],
                    memory(ours, file));
            if (!theirs.isEmpty()) {
                double[] other = seconds(theirs);
                double median = other[other.length / 2];
                row += String.format(
                        Locale.ROOT,
                        " %.2f | %.2f | %s |",
                        median,
                        seconds[seconds.length / 2] / median,
                        memory(theirs, file));
            } else {
                row += " | | | |";
            }
            System.out.println(row);
        }
    }

    private static List<String> skald(String model) {
        return List.of(
                "./skald", "complete", "-m", model, "--prompt-tokens", PROMPT, "-n", Integer.toString(GENERATED), "--tokens",
                "--context", "512");
    }

    private static List<String> llamaBench(String program, String model, List<String> noWarmUp) {
        List<String> command = new ArrayList<>(List.of(
                program, "-m", model, "-p", "16", "-n", "0", "-r", "1", "-t",
                Integer.toString(Runtime.getRuntime().availableProcessors())));
        command.addAll(noWarmUp);
        return command;
    }

    /** Returns the option against warm-up, which differs between llama.cpp and ik_llama.cpp. */
    private static List<String> noWarmUp(String program) throws IOException {
        Process help = new ProcessBuilder(program, "--help").redirectErrorStream(true).start();
        String text = new String(help.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return text.contains("--no-warmup") ? List.of("--no-warmup") : List.of("-w", "0");
    }

    /** Brings a file into the page cache. */
    private static void read(Path file) throws IOException {
        byte[] buffer = new byte[1 << 20];
        try (InputStream in = Files.newInputStream(file)) {
            while (in.read(buffer) >= 0) {}
        }
    }

    /** Measures the time until the process prints something, and its memory until it ends. */
    private static Run run(List<String> command) throws IOException, InterruptedException {
        long start = System.nanoTime();
        Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        Path status = Path.of("/proc", Long.toString(process.pid()), "status");
        long[] most = new long[1];
        Thread watch = Thread.ofPlatform().start(() -> {
            while (process.isAlive()) {
                try {
                    most[0] = Math.max(most[0], highWater(Files.readString(status)));
                    Thread.sleep(5);
                } catch (IOException | InterruptedException e) {
                    return;
                }
            }
        });
        double seconds = 0;
        boolean bench = !command.getFirst().equals("./skald");
        try (InputStream out = process.getInputStream()) {
            for (int b = out.read(); b >= 0; b = out.read()) {
                if (seconds == 0 && !bench) {
                    seconds = (System.nanoTime() - start) * 1e-9;
                }
            }
        }
        int code = process.waitFor();
        watch.join();
        if (code != 0) {
            throw new IOException("exit code " + code + " of " + String.join(" ", command));
        }
        return new Run(bench ? (System.nanoTime() - start) * 1e-9 : seconds, most[0]);
    }

    private static long highWater(String status) {
        return status.lines()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElse(0);
    }

    private static double[] seconds(List<Run> runs) {
        return runs.stream().mapToDouble(Run::seconds).sorted().toArray();
    }

    private static String memory(List<Run> runs, long file) {
        long[] sorted = runs.stream().mapToLong(Run::bytes).sorted().toArray();
        long median = sorted[sorted.length / 2];
        return String.format(Locale.ROOT, "%.0f | %.1f %%", median * 1e-6, 100.0 * (median - file) / file);
    }
}
