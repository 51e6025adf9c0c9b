package dev.skald.cli;

import dev.skald.bench.MachineLimits;
import dev.skald.bench.Measurement;
import dev.skald.bench.ModelBenchmark;
import dev.skald.bench.ModelShape;
import dev.skald.bench.SyntheticCache;
import dev.skald.bench.SyntheticModel;
import dev.skald.bench.Workload;
import dev.skald.runtime.quantize.Mixture;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Stack;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.IParameterConsumer;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code skald bench}: measures tokens per second and the machine's limit. */
@Command(
        name = "bench",
        description = {
            "Measure a model's speed, and its share of the machine's limit.",
            "",
            "Rows are named as in llama-bench: pp512 is a prompt of 512 tokens, tg128 the generation of 128; @"
                    + " d4096 means that 4096 tokens come before, and x 8 that 8 sequences are generated"
                    + " together (the tokens of all count). The limit is measured right before and"
                    + " after each repetition with as many threads: tokens"
                    + " per second if memory were read, or floats multiplied and added, without a pause. Numbers"
                    + " separated by commas give a row each.",
            ""
        })
final class Bench implements Callable<Integer>, Computes {
    private final Streams streams;

    @Spec
    private CommandSpec spec;

    @ArgGroup(exclusive = false)
    private Models models;

    private static final class Models {
        @Option(
                names = {"-m", "--model"},
                paramLabel = "MODEL",
                converter = NamedModel.Converter.class,
                description =
                        "A GGUF file, or a name on Hugging Face such as org/repo:Q4_K_M; may be given several times"
                                + " (default: the tiny model that ships with Skald).")
        private List<NamedModel> named = new ArrayList<>();

        @Option(
                names = "--synthetic",
                split = ",",
                paramLabel = "SHAPE:TYPE",
                description = "A model of random weights, such as nb-llama-3.2-1b:Q4_0 (skald synth --help lists the"
                        + " names). Its file is kept in $XDG_CACHE_HOME/skald or ~/.cache/skald.")
        private List<String> synthetic = new ArrayList<>();
    }

    @Option(
            names = {"-p", "--n-prompt"},
            split = ",",
            paramLabel = "N",
            defaultValue = "512",
            description = "Tokens of a prompt; 0 for none (default ${DEFAULT-VALUE}).")
    private int[] prompts;

    @Option(
            names = {"-n", "--n-gen"},
            split = ",",
            paramLabel = "N",
            defaultValue = "128",
            description = "Tokens to generate; 0 for none (default ${DEFAULT-VALUE}).")
    private int[] generations;

    @Option(
            names = {"-d", "--n-depth"},
            split = ",",
            paramLabel = "N",
            defaultValue = "0",
            description = "Tokens that come before (default ${DEFAULT-VALUE}).")
    private int[] depths;

    @Option(
            names = {"-b", "--batch"},
            split = ",",
            paramLabel = "N",
            defaultValue = "1",
            description = "Sequences generated together (default ${DEFAULT-VALUE}).")
    private int[] batches;

    @Option(
            names = {"-t", "--threads"},
            split = ",",
            paramLabel = "N",
            description = "Threads that compute (default: one for each processor).")
    private int[] threads = {Runtime.getRuntime().availableProcessors()};

    @Mixin
    private KernelArguments kernels;

    @Mixin
    private CacheArguments cache;

    @Mixin
    private GpuArguments gpu;

    @Mixin
    private AdapterArguments adapters;

    @Option(
            names = {"-r", "--repetitions"},
            paramLabel = "N",
            defaultValue = "5",
            description = "How often each row is measured (default ${DEFAULT-VALUE}).")
    private int repetitions;

    @Option(
            names = "--warm-up",
            paramLabel = "SECONDS",
            defaultValue = "3",
            description = "Minimum warm-up before each row; up to ten times as long while it still gets faster"
                    + " (default ${DEFAULT-VALUE}).")
    private double warmUpSeconds;

    @Option(
            names = "--read-mib",
            paramLabel = "MIB",
            description = "The memory on which the read rate is measured; several times the size of the caches"
                    + " (default 1024, or a quarter of the heap if that is less).")
    private Long readMib;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "md|json|csv",
            defaultValue = "md",
            description = "The format of the table (default ${DEFAULT-VALUE}). JSON and CSV contain every sample.")
    private BenchTable.Form form;

    @Option(
            names = "--against",
            paramLabel = "LLAMA-BENCH",
            description = "Run this llama-bench on the same file after each of our repetitions, and show the ratio.")
    private Path against;

    @Option(
            names = "--against-options",
            paramLabel = "OPTIONS",
            defaultValue = "",
            parameterConsumer = AsItStands.class,
            description = "Options for that llama-bench, quoted: --against-options='-fa 1'.")
    private String againstOptions;

    Bench(Streams streams) {
        this.streams = streams;
    }

    /** Takes an argument that looks like one of Skald's options. */
    static final class AsItStands implements IParameterConsumer {
        @Override
        public void consumeParameters(Stack<String> words, ArgSpec argument, CommandSpec command) {
            if (words.isEmpty()) {
                throw new ParameterException(
                        command.commandLine(), "Missing required parameter for option '--against-options'");
            }
            argument.setValue(words.pop());
        }
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<Workload> workloads = workloads();
        atLeast("--threads", 1, threads);
        atLeast("--repetitions", 1, repetitions);
        if (!(warmUpSeconds >= 0)) {
            throw wrong("--warm-up is " + warmUpSeconds + "; it must be at least 0");
        }
        gpu.warn();
        kernels.check(spec.commandLine(), null);
        long readBytes = readBytes();
        // The last check: it may download a model.
        List<Path> files = files();
        int modelWidth = files.stream()
                .mapToInt(file -> BenchRow.model(file).length())
                .max()
                .orElse(0);
        BenchTable table = BenchTable.of(form, streams.out(), modelWidth, against != null);
        for (int count : threads) {
            try (MachineLimits limits = new MachineLimits(count, readBytes)) {
                for (Path file : files) {
                    LlamaBench rival =
                            against == null ? null : new LlamaBench(against, words(againstOptions), file, count);
                    measure(file, count, limits, workloads, rival, table);
                }
            }
        }
        table.end();
        return 0;
    }

    private void measure(
            Path file, int count, MachineLimits limits, List<Workload> workloads, LlamaBench rival, BenchTable table)
            throws IOException, InterruptedException {
        ModelBenchmark.Plan plan = new ModelBenchmark.Plan(repetitions, warmUpSeconds, rival);
        try (ModelBenchmark benchmark = open(file, count, limits)) {
            for (Workload workload : workloads) {
                Measurement measured;
                try (Progress progress = Progress.of(workload.name(), repetitions)) {
                    measured = benchmark.measure(workload, plan, progress::accept);
                }
                if (!measured.steady() && warmUpSeconds > 0) {
                    streams.err()
                            .println("skald: " + workload.name() + " still became faster when it was measured;"
                                    + " a longer --warm-up may give more");
                }
                String program = rival == null ? "" : against + " " + rival.commit();
                table.add(new BenchRow(file, benchmark.size(), count, benchmark.diagnostics(), measured, program));
            }
        }
    }

    private ModelBenchmark open(Path file, int count, MachineLimits limits) throws IOException {
        try (Progress progress = Progress.of("opening", 100)) {
            return new ModelBenchmark(
                    file,
                    options -> {
                        options.threads(count).progress(share -> progress.accept((long) (100 * share)));
                        cache.apply(options);
                        adapters.apply(options);
                        kernels.apply(options);
                    },
                    limits);
        }
    }

    private List<Path> files() throws IOException {
        if (models == null) {
            return List.of(BundledModel.file());
        }
        List<Path> files = new ArrayList<>();
        for (NamedModel model : models.named) {
            files.add(model.file());
        }
        for (String name : models.synthetic) {
            files.add(synthetic(name));
        }
        return files;
    }

    private List<Workload> workloads() {
        atLeast("--n-prompt", 0, prompts);
        atLeast("--n-gen", 0, generations);
        atLeast("--n-depth", 0, depths);
        atLeast("--batch", 1, batches);
        List<Workload> workloads = new ArrayList<>();
        for (int depth : depths) {
            for (int tokens : prompts) {
                if (tokens > 0) {
                    workloads.add(Workload.prompt(tokens, depth));
                }
            }
            for (int tokens : generations) {
                for (int batch : batches) {
                    if (tokens > 0) {
                        workloads.add(Workload.generation(tokens, depth, batch));
                    }
                }
            }
        }
        if (workloads.isEmpty()) {
            throw wrong("nothing to measure: both -p and -n are 0");
        }
        return workloads;
    }

    private long readBytes() {
        if (readMib == null) {
            return Math.min(MachineLimits.USUAL_BYTES, Runtime.getRuntime().maxMemory() / 4);
        }
        if (readMib < 1 || readMib > Integer.MAX_VALUE) {
            throw wrong("--read-mib is " + readMib + "; it must be at least 1");
        }
        return readMib << 20;
    }

    private void atLeast(String option, int least, int... values) {
        for (int value : values) {
            if (value < least) {
                throw wrong(option + " is " + value + "; it must be at least " + least);
            }
        }
    }

    private Path synthetic(String name) throws IOException {
        String[] parts = name.split(":", -1);
        if (parts.length != 2) {
            throw wrong("--synthetic needs SHAPE:TYPE, such as nb-llama-3.2-1b:Q4_0, not '" + name + "'");
        }
        ModelShape shape;
        Mixture mixture;
        try {
            shape = ModelShape.named(parts[0]);
            mixture = Mixture.named(parts[1]);
        } catch (IllegalArgumentException unknown) {
            throw wrong(unknown.getMessage());
        }
        long bytes = new SyntheticModel(shape, mixture, false).bytes();
        try (Progress progress = Progress.ofBytes("writing " + name, bytes)) {
            return TidyExit.letFinish(() -> new SyntheticCache().file(shape, mixture, progress));
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private static List<String> words(String text) {
        return text.isBlank() ? List.of() : List.of(text.strip().split("\\s+"));
    }
}
