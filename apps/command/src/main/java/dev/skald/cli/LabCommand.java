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

/** {@code skald lab}: a model's quantizations, compared on this machine. */
@Command(
        name = "lab",
        description = {
            "Quantize a model to several types and measure what each loses, takes and how fast it is here: as a page that"
                    + " needs nothing else (index.html), as Markdown and as JSON.",
            "",
            "A lab that was stopped goes on where it was when it is started again with the same options.",
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
            description =
                    "A UTF-8 file with the text that is predicted (default: sentences that the tiny model knows).")
    private Path text;

    @Option(
            names = "--types",
            split = ",",
            paramLabel = "TYPE",
            description = "What to compare, with :pure behind a type for all matrices alike (default:"
                    + " Q8_0,Q6_K,Q5_K_M,Q4_K_M,IQ4_XS,Q4_0,Q3_K_M,Q2_K).")
    private List<String> types;

    @Option(
            names = {"-o", "--output"},
            required = true,
            paramLabel = "DIR",
            description = "The folder for the report, the measurements and the quantized models.")
    private Path folder;

    @Option(
            names = {"-c", "--context"},
            paramLabel = "N",
            defaultValue = "512",
            description = "Tokens of a chunk of the text (default ${DEFAULT-VALUE}).")
    private int context;

    @Option(
            names = "--chunks",
            paramLabel = "N",
            defaultValue = "16",
            description = "How many chunks are read at most (default ${DEFAULT-VALUE}).")
    private int chunks;

    @Option(
            names = {"-t", "--threads"},
            paramLabel = "T",
            description = "How many threads compute (default: one for each processor).")
    private Integer threads;

    @Option(
            names = {"-p", "--n-prompt"},
            paramLabel = "N",
            defaultValue = "128",
            description = "Tokens of the prompt that is timed (default ${DEFAULT-VALUE}).")
    private int prompt;

    @Option(
            names = {"-n", "--n-gen"},
            paramLabel = "N",
            defaultValue = "32",
            description = "Generated tokens that are timed (default ${DEFAULT-VALUE}).")
    private int generated;

    @Option(
            names = {"-r", "--repetitions"},
            paramLabel = "N",
            defaultValue = "3",
            description = "How often each is timed (default ${DEFAULT-VALUE}).")
    private int repetitions;

    @Option(
            names = "--warm-up",
            paramLabel = "SECONDS",
            defaultValue = "1",
            description = "The least time to run before timing (default ${DEFAULT-VALUE}).")
    private double warmUp;

    @Option(
            names = "--under",
            paramLabel = "N(M|G)",
            description = "The size under which the best type is named, in megabytes or gigabytes (default: half the"
                    + " model's).")
    private String under;

    @Option(names = "--imatrix", paramLabel = "FILE", description = "An importance matrix of the model.")
    private Path importance;

    @Option(names = "--delete-models", description = "Delete each quantized model when it has been measured.")
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
