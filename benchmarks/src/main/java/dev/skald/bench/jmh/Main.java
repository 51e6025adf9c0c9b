package dev.skald.bench.jmh;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.format.QuantFormat;
import dev.skald.kernels.format.QuantFormats;
import java.io.IOException;
import java.util.function.Predicate;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * The benchmarks' command line. {@code short [FILE]} runs a few of each kind in some minutes, {@code all [FILE]} runs every format
 * and shape. Both write their results as JSON to FILE, by default {@code jmh-short.json} or {@code jmh-all.json}. {@code formats}
 * prints a table of all formats. JMH gets all other arguments: see {@code -h}.
 */
public final class Main {
    private Main() {}

    /**
     * Runs benchmarks.
     *
     * @param args the command line
     * @throws RunnerException if a benchmark fails
     * @throws IOException if JMH cannot write, or the JVM of a table fails
     * @throws InterruptedException if interrupted
     */
    public static void main(String[] args) throws RunnerException, IOException, InterruptedException {
        String set = args.length == 1 || args.length == 2 ? args[0] : "";
        String file = args.length == 2 ? args[1] : "jmh-" + set + ".json";
        switch (set) {
            case "short" -> new Runner(few(results(file)).build()).run();
            case "formats" -> {
                if (FormatTable.inItsOwnJvm() != 0) {
                    throw new IOException("the table of formats is not complete");
                }
            }
            case "all" -> new Runner(all(results(file)).build()).run();
            default -> org.openjdk.jmh.Main.main(args);
        }
    }

    private static ChainedOptionsBuilder results(String file) {
        return new OptionsBuilder()
                .resultFormat(ResultFormatType.JSON)
                .result(file)
                .shouldFailOnError(true);
    }

    private static ChainedOptionsBuilder few(ChainedOptionsBuilder options) {
        return options.param("format", "Q4_0", "Q8_0", "Q4_K")
                .param("encoded", "Q4_0", "Q8_0")
                .param("shape", "8192x2048")
                .param("vocabulary", "nb-llama-3.2-1b")
                .param("tokens", "8", "512")
                .param("depth", "128", "8192")
                .param("chain", "GREEDY", "USUAL")
                .warmupIterations(3)
                .measurementIterations(3)
                .measurementTime(TimeValue.milliseconds(500));
    }

    private static ChainedOptionsBuilder all(ChainedOptionsBuilder options) {
        return options.param("format", names(format -> true)).param("encoded", names(QuantFormat::canEncode));
    }

    private static String[] names(Predicate<QuantFormat> wanted) {
        return QuantFormats.all().stream()
                .filter(wanted)
                .map(QuantFormat::type)
                .map(GgmlType::name)
                .toArray(String[]::new);
    }
}
