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
 * The benchmarks' command line: {@code short [FILE]} runs a few of each in some minutes, {@code formats [FILE]} what a table
 * of all formats needs, and {@code all [FILE]} every format and shape. Each writes its results as JSON: to FILE, or to
 * {@code jmh-short.json} and so on. Anything else is for JMH: see {@code -h}.
 */
public final class Main {
    private Main() {}

    /**
     * Runs benchmarks.
     *
     * @param args the command line
     * @throws RunnerException if a benchmark fails
     * @throws IOException if JMH cannot write
     */
    public static void main(String[] args) throws RunnerException, IOException {
        String set = args.length == 1 || args.length == 2 ? args[0] : "";
        String file = args.length == 2 ? args[1] : "jmh-" + set + ".json";
        switch (set) {
            case "short" -> new Runner(few(results(file)).build()).run();
            case "formats" -> new Runner(formats(results(file)).build()).run();
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

    /** Decoding, encoding, one token and many of each format, beside the machine's limits. */
    private static ChainedOptionsBuilder formats(ChainedOptionsBuilder options) {
        return all(options)
                .include(FormatBenchmark.class.getSimpleName())
                .include(ProductBenchmark.class.getSimpleName())
                .include(LimitsBenchmark.class.getSimpleName())
                .param("shape", "8192x2048")
                .param("tokens", "512")
                .warmupIterations(3)
                .warmupTime(TimeValue.milliseconds(700))
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
