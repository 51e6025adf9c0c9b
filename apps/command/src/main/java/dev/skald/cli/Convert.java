package dev.skald.cli;

import dev.skald.gguf.GgmlType;
import dev.skald.runtime.convert.OriginalModel;
import dev.skald.runtime.quantize.ImportanceMatrix;
import dev.skald.runtime.quantize.Mixture;
import dev.skald.runtime.quantize.QuantizationPlan;
import dev.skald.runtime.quantize.QuantizationResult;
import dev.skald.runtime.quantize.Quantizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code skald convert}: a GGUF file from a model as its maker publishes it. */
@Command(
        name = "convert",
        description =
                "Write a model file from original weights: a folder with config.json, safetensors and a tokenizer."
                        + " The result is that of llama.cpp's convert_hf_to_gguf.py; with --type, it is quantized on the way.",
        footer = {
            "",
            "Example: skald convert NbAiLab/nb-llama-3.2-1B nb-llama-3.2-1b.Q4_K_M.gguf --type Q4_K_M",
        })
final class Convert implements Callable<Integer>, Computes {
    private final Streams streams;

    @Spec
    private CommandSpec spec;

    @Parameters(
            index = "0",
            paramLabel = "FOLDER|REPO",
            description = "The folder of the model, or its name on Hugging Face.")
    private String model;

    @Parameters(
            index = "1",
            paramLabel = "OUT",
            converter = OutputFile.OfBytes.class,
            description = "The file to write, or - for standard output.")
    private Path out;

    @Option(
            names = "--type",
            paramLabel = "TYPE",
            converter = Quantize.MixtureConverter.class,
            completionCandidates = Quantize.MixtureNames.class,
            description = "The type of the weights: ${COMPLETION-CANDIDATES} (default: BF16 or F16, as the original has"
                    + " it).")
    private Mixture type;

    @Option(names = "--pure", description = "Give every matrix the same type.")
    private boolean pure;

    @Option(
            names = "--imatrix",
            paramLabel = "FILE",
            description = "An importance matrix from skald imatrix or llama-imatrix.")
    private Path importance;

    @Option(
            names = "--pre-tokenizer",
            paramLabel = "NAME",
            description =
                    "What llama.cpp calls the pre-tokenizer, such as llama-bpe (default: recognized by its tokens or"
                            + " its definition).")
    private String preTokenizer;

    @Option(
            names = "--split-max-size",
            paramLabel = "N(M|G)",
            description = "Write several files, each with tensors of at most this size in megabytes or gigabytes (of"
                    + " 10^6 or 10^9).")
    private String splitSize;

    @Option(
            names = {"-t", "--threads"},
            paramLabel = "T",
            description = "Number of threads that compute (default: one for each processor).")
    private Integer threads;

    @Option(names = "--dry-run", description = "Show what would become of each tensor, without writing.")
    private boolean dryRun;

    @Mixin
    private ForceArguments force;

    Convert(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException {
        if (threads != null && (threads < 1 || threads > 1024)) {
            throw new ParameterException(spec.commandLine(), "--threads is " + threads + "; it must be 1 to 1024");
        }
        Long splitBytes = splitSize == null ? null : ByteSize.of(splitSize, "--split-max-size", spec);
        if (splitBytes != null && OutputFile.isStandardOutput(out)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--split-max-size makes several files, which cannot go to standard output: name them");
        }
        ImportanceMatrix matrix = importance == null ? null : ImportanceMatrix.read(importance);
        OriginalModel original = OriginalModel.open(
                HubModels.originals(model, streams.err()), options -> options.preTokenizer(preTokenizer));
        original.notes().forEach(note -> streams.err().println("skald: " + Text.printable(note)));
        Mixture mixture = type != null ? type : original.type() == GgmlType.BF16 ? Mixture.BF16 : Mixture.F16;
        // Progress needs the total, which is known when the plan is made.
        Progress[] progress = new Progress[1];
        try (Quantizer quantizer = Quantizer.open(original, mixture, options -> {
            options.pure(pure).overwrite(force.given()).progress(done -> progress[0].accept(done));
            if (matrix != null) {
                options.importance(matrix, importance.toString());
            }
            if (splitBytes != null) {
                options.splitMaxSize(splitBytes);
            }
            if (threads != null) {
                options.threads(threads);
            }
        })) {
            QuantizationPlan plan = quantizer.plan();
            PlanText text = new PlanText(plan, streams);
            text.tell(dryRun);
            if (dryRun) {
                text.print();
                quantizer.files(out).forEach(file -> streams.out().println("would write " + file));
                return 0;
            }
            List<Path> inputs = new ArrayList<>(original.files());
            inputs.add(importance);
            for (Path file : quantizer.files(out)) {
                force.check(file, inputs);
            }
            QuantizationResult result;
            try (Progress bar = Progress.ofBytes("converting", plan.sourceBytes())) {
                progress[0] = bar;
                result = TidyExit.letFinish(() -> quantizer.write(out));
            }
            (OutputFile.isStandardOutput(out) ? streams.err() : streams.out())
                    .println(String.format(
                            Locale.ROOT,
                            "%s: %s, %s, %.2f bits per weight, %.1f s",
                            result.files().size() == 1
                                    ? out
                                    : result.files().size() + " files, "
                                            + result.files().getFirst(),
                            mixture,
                            PlanText.mebibytes(plan.bytes()),
                            plan.bitsPerWeight(),
                            result.seconds()));
            return 0;
        }
    }
}
