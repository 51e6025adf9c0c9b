package dev.skald.cli;

import dev.skald.gguf.GgmlType;
import dev.skald.runtime.quantize.ImportanceMatrix;
import dev.skald.runtime.quantize.Mixture;
import dev.skald.runtime.quantize.QuantizationPlan;
import dev.skald.runtime.quantize.QuantizationResult;
import dev.skald.runtime.quantize.QuantizeOptions;
import dev.skald.runtime.quantize.Quantizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code skald quantize}: writes a model with smaller weights. */
@Command(
        name = "quantize",
        description = "Write a model file with weights of another type, as llama-quantize does.",
        footer = {
            "",
            "Example: skald quantize model-F16.gguf model-Q4_K_M.gguf Q4_K_M",
        })
final class Quantize implements Callable<Integer>, Computes {
    private final Streams streams;

    @Spec
    private CommandSpec spec;

    @Parameters(
            index = "0",
            paramLabel = "IN",
            converter = NamedModel.Converter.class,
            description =
                    "The model, in F32, F16 or BF16: a file (any part of a split one), or a name on Hugging Face such as"
                            + " org/repo:BF16.")
    private NamedModel in;

    @Parameters(
            index = "1",
            paramLabel = "OUT",
            converter = OutputFile.OfBytes.class,
            description = "The file to write, or - for standard output.")
    private Path out;

    @Parameters(
            index = "2",
            paramLabel = "TYPE",
            converter = MixtureConverter.class,
            completionCandidates = MixtureNames.class,
            description = "The new type: ${COMPLETION-CANDIDATES}.")
    private Mixture type;

    @Option(names = "--pure", description = "Give every matrix the same type.")
    private boolean pure;

    @Option(names = "--output-tensor-type", paramLabel = "TYPE", description = "The type of the output matrix.")
    private GgmlType outputType;

    @Option(names = "--token-embedding-type", paramLabel = "TYPE", description = "The type of the token embedding.")
    private GgmlType embeddingType;

    @Option(
            names = "--tensor-type",
            paramLabel = "PATTERN=TYPE",
            description = "The type of all tensors whose name contains a match of the regular expression, such"
                    + " as attn_v=Q8_0. May be given several times; the first match counts.")
    private List<String> tensorTypes = List.of();

    @Option(names = "--leave-output-tensor", description = "Leave output.weight as it is.")
    private boolean leaveOutput;

    @Option(
            names = "--imatrix",
            paramLabel = "FILE",
            description = "An importance matrix from skald imatrix or llama-imatrix.")
    private Path importance;

    @Option(
            names = "--allow-requantize",
            description = "Allow quantizing a quantized model again, which loses more than quantizing the original.")
    private boolean requantize;

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

    @Option(names = "--dry-run", description = "Show the type that each tensor would get, without writing.")
    private boolean dryRun;

    @Mixin
    private ForceArguments force;

    Quantize(Streams streams) {
        this.streams = streams;
    }

    static final class MixtureNames implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Arrays.stream(Mixture.values()).map(Mixture::name).iterator();
        }
    }

    static final class MixtureConverter implements ITypeConverter<Mixture> {
        @Override
        public Mixture convert(String name) {
            try {
                return Mixture.named(name);
            } catch (IllegalArgumentException unknown) {
                throw new TypeConversionException(unknown.getMessage());
            }
        }
    }

    @Override
    public Integer call() throws IOException {
        ImportanceMatrix matrix = importance == null ? null : ImportanceMatrix.read(importance);
        Consumer<QuantizeOptions> settings = settings(matrix);
        // Progress needs the total, which is known once the file is open.
        Progress[] progress = new Progress[1];
        try (Quantizer quantizer = Quantizer.open(in.file(), type, options -> {
            settings.accept(options);
            options.progress(done -> progress[0].accept(done));
        })) {
            QuantizationPlan plan = quantizer.plan();
            PlanText text = new PlanText(plan, streams);
            text.tell(dryRun);
            if (dryRun) {
                text.print();
                quantizer.files(out).forEach(file -> line("would write %s", file));
                return 0;
            }
            for (Path file : quantizer.files(out)) {
                force.check(file, Arrays.asList(in.file(), importance));
            }
            QuantizationResult result;
            try (Progress bar = Progress.ofBytes("quantizing", plan.sourceBytes())) {
                progress[0] = bar;
                result = TidyExit.letFinish(() -> quantizer.write(out));
            }
            line(
                    "%s: %s -> %s, %.2f bits per weight, %.1f s",
                    result.files().size() == 1
                            ? out
                            : result.files().size() + " files, "
                                    + result.files().getFirst(),
                    PlanText.mebibytes(plan.sourceBytes()),
                    PlanText.mebibytes(plan.bytes()),
                    plan.bitsPerWeight(),
                    result.seconds());
            return 0;
        }
    }

    private Consumer<QuantizeOptions> settings(ImportanceMatrix matrix) {
        Map<Pattern, GgmlType> wishes = wishes();
        Long splitBytes = splitSize == null ? null : ByteSize.of(splitSize, "--split-max-size", spec);
        if (splitBytes != null && OutputFile.isStandardOutput(out)) {
            throw wrong("--split-max-size makes several files, which cannot go to standard output: name them");
        }
        if (threads != null && (threads < 1 || threads > 1024)) {
            throw wrong("--threads is " + threads + "; it must be 1 to 1024");
        }
        return options -> {
            options.pure(pure)
                    .outputType(outputType)
                    .embeddingType(embeddingType)
                    .keepOutput(leaveOutput)
                    .allowRequantize(requantize)
                    .overwrite(force.given());
            wishes.forEach(options::tensorType);
            if (matrix != null) {
                options.importance(matrix, importance.toString());
            }
            if (splitBytes != null) {
                options.splitMaxSize(splitBytes);
            }
            if (threads != null) {
                options.threads(threads);
            }
        };
    }

    private Map<Pattern, GgmlType> wishes() {
        Map<Pattern, GgmlType> wishes = new LinkedHashMap<>();
        for (String wish : tensorTypes) {
            int at = wish.lastIndexOf('=');
            if (at < 1) {
                throw wrong("--tensor-type needs PATTERN=TYPE, such as attn_v=Q8_0, not '" + wish + "'");
            }
            String name = wish.substring(at + 1).toUpperCase(Locale.ROOT);
            GgmlType wanted = Arrays.stream(GgmlType.values())
                    .filter(candidate -> candidate.name().equals(name))
                    .findFirst()
                    .orElseThrow(() -> wrong("--tensor-type " + wish + ": there is no type " + name + " among "
                            + Arrays.toString(GgmlType.values())));
            try {
                wishes.put(Pattern.compile(wish.substring(0, at)), wanted);
            } catch (PatternSyntaxException bad) {
                throw wrong("--tensor-type " + wish + ": " + bad.getDescription() + " at character "
                        + (bad.getIndex() + 1));
            }
        }
        return wishes;
    }

    private void line(String format, Object... values) {
        (OutputFile.isStandardOutput(out) ? streams.err() : streams.out())
                .println(String.format(Locale.ROOT, format, values));
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
