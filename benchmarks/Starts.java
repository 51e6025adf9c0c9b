import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Starts the command again and again, and measures when it reaches its speed: {@code java benchmarks/Starts.java STARTS MODEL...
 * [-- FLAGS OF THE JVM]}, from the root of the project, after {@code ./skald} has built. Without flags it runs with the
 * command's own.
 *
 * <p>Prints for each model the slowest and the median of: seconds to the first token; seconds from there until a token comes
 * after which the median time of eight tokens stays under 1.5 times that of the last sixteen; tokens per second of those.
 */
public final class Starts {
    private static final int TOKENS = 96;
    private static final int LAST = 16;
    private static final int WINDOW = 8;
    private static final double SLOWER = 1.5;

    private record Start(double first, double steady, double rate) {}

    public static void main(String[] args) throws IOException, InterruptedException {
        List<String> all = Arrays.asList(args);
        int end = all.contains("--") ? all.indexOf("--") : all.size();
        List<String> flags = end == all.size()
                ? List.of("@apps/command/src/main/resources/dev/skald/cli/jvm.options")
                : all.subList(end + 1, all.size());
        System.out.println("| model | first token, s | steady after, s | tokens/s then |");
        System.out.println("| --- | --- | --- | --- |");
        for (String model : all.subList(1, end)) {
            List<Start> starts = new ArrayList<>();
            for (int i = 0; i < Integer.parseInt(args[0]); i++) {
                starts.add(start(model, flags));
            }
            System.out.printf(
                    Locale.ROOT,
                    "| %s | %s | %s | %s |%n",
                    Path.of(model).getFileName(),
                    spread(starts.stream().mapToDouble(Start::first).sorted().toArray(), true),
                    spread(starts.stream().mapToDouble(Start::steady).sorted().toArray(), true),
                    spread(starts.stream().mapToDouble(Start::rate).sorted().toArray(), false));
        }
    }

    /** The median, and the worst. */
    private static String spread(double[] sorted, boolean mostIsWorst) {
        return String.format(
                Locale.ROOT, "%.2f, worst %.2f", sorted[sorted.length / 2], sorted[mostIsWorst ? sorted.length - 1 : 0]);
    }

    private static Start start(String model, List<String> flags) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(flags);
        // A plain `java -jar` would start itself again with the command's flags.
        command.add("-Ddev.skald.cli.restarted=true");
        command.addAll(List.of("-jar", "apps/command/target/skald.jar", "complete", "-m", model, "--tokens", "--temperature", "0"));
        command.addAll(List.of("--prompt-tokens", "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16", "-n", Integer.toString(TOKENS)));
        long begin = System.nanoTime();
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
        Process process = builder.start();
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
            throw new IOException(model + ": " + times.size() + " of " + TOKENS + " tokens");
        }
        int n = times.size();
        double last = median(times, n - 1 - LAST, n - 1);
        int steady = n - 1 - LAST;
        while (steady > 0 && median(times, steady - 1, Math.min(n - 1, steady - 1 + WINDOW)) < SLOWER * last) {
            steady--;
        }
        return new Start(times.get(0), times.get(steady) - times.get(0), 1 / last);
    }

    /** The median of the times between tokens {@code from} and {@code to}. */
    private static double median(List<Double> times, int from, int to) {
        double[] gaps = new double[to - from];
        for (int i = 0; i < gaps.length; i++) {
            gaps[i] = times.get(from + i + 1) - times.get(from + i);
        }
        Arrays.sort(gaps);
        return gaps[gaps.length / 2];
    }
}
