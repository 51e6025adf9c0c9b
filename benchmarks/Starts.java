import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Measures how long the command takes after its start to reach its final speed: {@code java benchmarks/Starts.java STARTS FOLDER
 * [TYPE...]}, from the root of the project, after {@code ./skald} has built. The models are the folder's {@code 1b-TYPE.gguf}, which
 * are made if they are missing. Without types, there are eight.
 *
 * <p>Each model is started STARTS times with the command's flags, by machine code, and without any, by the Vector API; first on an
 * idle machine, then beside a thread that keeps a processor busy. The time is measured from the first token to
 * the one after which the median time of eight tokens stays below 1.5 times that of the last sixteen. The table has the median and the
 * worst of these times, and the lowest final rate.
 */
public final class Starts {
    private static final String[] TYPES = {"Q4_K_M", "Q5_K_M", "Q6_K", "Q8_0", "Q4_0", "IQ4_XS", "IQ3_S", "Q2_K"};
    private static final String SHAPE = "nb-llama-3.2-1b";
    private static final String FLAGS = "@apps/command/src/main/resources/dev/skald/cli/jvm.options";
    private static final String JAR = "apps/command/target/skald.jar";
    private static final double GOAL_SECONDS = 2;
    private static final int TOKENS = 96;
    private static final int LAST = 16;
    private static final int WINDOW = 8;
    private static final double SLOWER = 1.5;

    private record Start(double steady, double rate) {}

    private record Kind(String name, List<String> flags, String kernels) {}

    private static final List<Kind> KINDS = List.of(
            new Kind("machine code", List.of(FLAGS), "machine"),
            new Kind("Vector API, no flags", List.of("--add-modules=jdk.incubator.vector"), "vector"));

    public static void main(String[] args) throws IOException, InterruptedException {
        if (args.length < 2) {
            System.err.println("java benchmarks/Starts.java STARTS FOLDER [TYPE...]");
            System.exit(2);
        }
        int count = Integer.parseInt(args[0]);
        String[] types = args.length == 2 ? TYPES : Arrays.copyOfRange(args, 2, args.length);
        int late = 0;
        int all = 0;
        System.out.println("| model | kernels | idle: median, worst, s | lowest, tokens/s "
                + "| beside a busy core: median, worst, s | lowest, tokens/s |");
        System.out.println("| --- | --- | --- | --- | --- | --- |");
        for (String type : types) {
            Path model = model(Path.of(args[1]), type);
            for (Kind kind : KINDS) {
                StringBuilder row = new StringBuilder("| " + type + " | " + kind.name + " |");
                for (boolean busy : new boolean[] {false, true}) {
                    List<Start> starts = new ArrayList<>();
                    try (Busy ignored = new Busy(busy)) {
                        for (int i = 0; i < count; i++) {
                            starts.add(start(model, kind));
                        }
                    }
                    late += (int) starts.stream().filter(s -> s.steady > GOAL_SECONDS).count();
                    all += count;
                    double[] steady = starts.stream().mapToDouble(Start::steady).sorted().toArray();
                    double slowest = starts.stream().mapToDouble(Start::rate).min().orElseThrow();
                    row.append(String.format(
                            Locale.ROOT, " %.2f, %.2f | %.1f |", steady[count / 2], steady[count - 1], slowest));
                }
                System.out.println(row);
            }
        }
        System.out.printf("%n%d of %d starts reached their speed within %.0f s of the first token.%n", all - late, all, GOAL_SECONDS);
    }

    /** A thread that keeps a processor busy. */
    private static final class Busy implements AutoCloseable {
        private final AtomicBoolean over = new AtomicBoolean();

        Busy(boolean wanted) {
            if (wanted) {
                Thread.ofPlatform().daemon().start(() -> {
                    while (!over.get()) {
                        Thread.onSpinWait();
                    }
                });
            }
        }

        @Override
        public void close() {
            over.set(true);
        }
    }

    private static Path model(Path folder, String type) throws IOException, InterruptedException {
        Path model = folder.resolve("1b-" + type + ".gguf");
        if (!Files.exists(model)) {
            int code = new ProcessBuilder(java(), FLAGS, "-jar", JAR, "synth", "--shape", SHAPE, "--type", type, model.toString())
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start()
                    .waitFor();
            if (code != 0) {
                throw new IOException("no " + model);
            }
        }
        return model;
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    private static Start start(Path model, Kind kind) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(java()));
        command.addAll(kind.flags);
        // A plain `java -jar` would start itself again with the command's flags.
        command.add("-Ddev.skald.cli.restarted=true");
        command.addAll(List.of("-jar", JAR, "complete", "-m", model.toString(), "--tokens", "--temperature", "0"));
        command.addAll(List.of("--kernels", kind.kernels, "-n", Integer.toString(TOKENS)));
        command.addAll(List.of("--prompt-tokens", "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16"));
        long begin = System.nanoTime();
        Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        List<Double> times = new ArrayList<>();
        try (InputStream out = process.getInputStream()) {
            boolean inside = false;
            for (int b = out.read(); b >= 0; b = out.read()) {
                boolean digit = b >= '0' && b <= '9';
                if (digit && !inside) {
                    times.add((System.nanoTime() - begin) * 1e-9);
                }
                inside = digit;
            }
        }
        if (process.waitFor() != 0 || times.size() < TOKENS) {
            throw new IOException(model + ", " + kind.name + ": " + times.size() + " of " + TOKENS + " tokens");
        }
        int n = times.size();
        double last = median(times, n - 1 - LAST, n - 1);
        int steady = n - 1 - LAST;
        while (steady > 0 && median(times, steady - 1, Math.min(n - 1, steady - 1 + WINDOW)) < SLOWER * last) {
            steady--;
        }
        return new Start(times.get(steady) - times.get(0), 1 / last);
    }

    /** Returns the median of the times between tokens {@code from} and {@code to}. */
    private static double median(List<Double> times, int from, int to) {
        double[] gaps = new double[to - from];
        for (int i = 0; i < gaps.length; i++) {
            gaps[i] = times.get(from + i + 1) - times.get(from + i);
        }
        Arrays.sort(gaps);
        return gaps[gaps.length / 2];
    }
}
