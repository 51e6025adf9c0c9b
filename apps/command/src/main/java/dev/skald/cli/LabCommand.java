package dev.skald.cli;

import dev.skald.bench.lab.Candidate;
import dev.skald.bench.lab.LabOptions;
import dev.skald.bench.lab.QuantizationReport;
import dev.skald.runtime.quantize.ImportanceMatrix;
import dev.skald.tiny.TinyModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code skald lab}: compares quantizations of a model on this machine. */
@Command(
        name = "lab",
        description = {
            "Quantize a model to several types and measure size, loss and speed of each on this machine. The"
                    + " report is a page (index.html), Markdown and JSON.",
            "",
            "A lab that was stopped continues where it was when you run it again with the same options.",
            ""
        })
final class LabCommand implements Callable<Integer>, Computes {
    private final Streams streams;

    @Spec
    private CommandSpec spec;

    @Mixin
    private FileArguments model;

    @Option(
            names = {"-f", "--file"},
            paramLabel = "FILE",
            description = "A UTF-8 file with the text to predict (default: sentences that the tiny model knows).")
    private Path text;

    @Option(
            names = "--types",
            split = ",",
            paramLabel = "TYPE",
            description = "The types to compare; TYPE:pure gives all matrices the same type (default:"
                    + " Q8_0,Q6_K,Q5_K_M,Q4_K_M,IQ4_XS,Q4_0,Q3_K_M,Q2_K).")
    private List<String> types;

    @Option(
            names = {"-o", "--output"},
            required = true,
            paramLabel = "DIR",
            converter = OutputFile.OnDisk.class,
            description = "The folder for the report, the measurements and the quantized models.")
    private Path folder;

    @Option(
            names = {"-c", "--context"},
            paramLabel = "N",
            defaultValue = "512",
            description = "Tokens in a chunk of the text (default ${DEFAULT-VALUE}).")
    private int context;

    @Option(
            names = "--chunks",
            paramLabel = "N",
            defaultValue = "16",
            description = "Maximum number of chunks to read (default ${DEFAULT-VALUE}).")
    private int chunks;

    @Option(
            names = {"-t", "--threads"},
            paramLabel = "T",
            description = "Number of threads that compute (default: one for each processor).")
    private Integer threads;

    @Option(
            names = {"-p", "--n-prompt"},
            paramLabel = "N",
            defaultValue = "128",
            description = "Length of the timed prompt, in tokens (default ${DEFAULT-VALUE}).")
    private int prompt;

    @Option(
            names = {"-n", "--n-gen"},
            paramLabel = "N",
            defaultValue = "32",
            description = "Number of timed generated tokens (default ${DEFAULT-VALUE}).")
    private int generated;

    @Option(
            names = {"-r", "--repetitions"},
            paramLabel = "N",
            defaultValue = "3",
            description = "Number of timings of each (default ${DEFAULT-VALUE}).")
    private int repetitions;

    @Option(
            names = "--warm-up",
            paramLabel = "SECONDS",
            defaultValue = "1",
            description = "Minimum warm-up before timing (default ${DEFAULT-VALUE}).")
    private double warmUp;

    @Option(
            names = "--under",
            paramLabel = "N(M|G)",
            description = "Recommend the best type below this size, in megabytes or gigabytes (default: half"
                    + " the model's size).")
    private String under;

    @Option(names = "--imatrix", paramLabel = "FILE", description = "An importance matrix of the model.")
    private Path importance;

    @Option(names = "--delete-models", description = "Delete each quantized model after it is measured.")
    private boolean deleteModels;

    @Mixin
    private ForceArguments force;

    LabCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws Exception {
        Path source = model.model();
        String name = text == null ? "skald-tiny.txt" : text.getFileName().toString();
        String content =
                text == null ? TinyModel.text() : PromptArguments.utf8(text.toString(), PromptArguments.bytes(text));
        ImportanceMatrix matrix = importance == null ? null : ImportanceMatrix.read(importance);
        List<Candidate> candidates = candidates();
        QuantizationReport report = TidyExit.letFinish(() -> QuantizationReport.measure(options -> {
            try {
                set(options);
            } catch (IllegalArgumentException outOfRange) {
                throw wrong(outOfRange.getMessage());
            }
            options.model(source).text(name, content).folder(folder);
            if (!candidates.isEmpty()) {
                options.types(candidates);
            }
            if (matrix != null) {
                options.importance(matrix, importance.toString());
            }
            options.progress((type, step) -> {
                streams.err().println("skald: " + type + ": " + step);
                streams.err().flush();
            });
        }));
        Path page = report.write(folder, force.given());
        report.recommendations().forEach(streams.out()::println);
        streams.out().println("The report is " + page.toAbsolutePath());
        return 0;
    }

    private void set(LabOptions options) {
        options.reading(context, chunks)
                .timing(prompt, generated, repetitions, warmUp)
                .keepModels(!deleteModels)
                .overwrite(force.given())
                .reads(Stream.of(text, importance).filter(Objects::nonNull).toList());
        if (threads != null) {
            options.threads(threads);
        }
        if (under != null) {
            options.under(ByteSize.of(under, "--under", spec));
        }
    }

    private List<Candidate> candidates() {
        List<Candidate> candidates = new ArrayList<>();
        for (String type : types == null ? List.<String>of() : types) {
            try {
                candidates.add(Candidate.named(type.strip()));
            } catch (IllegalArgumentException unknown) {
                throw wrong(unknown.getMessage());
            }
        }
        return candidates;
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
