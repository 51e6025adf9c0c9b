package dev.skald.cli;

import dev.skald.bench.ModelShape;
import dev.skald.bench.SyntheticModel;
import dev.skald.runtime.quantize.Mixture;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code skald synth}: writes a file with a real model's shape and random weights. */
@Command(
        name = "synth",
        description = "Write a model file with a real model's shape and random weights, to measure speed and memory.")
final class Synth implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--shape",
            required = true,
            paramLabel = "SHAPE",
            completionCandidates = ShapeNames.class,
            description = "The shape: ${COMPLETION-CANDIDATES}.")
    private String shape;

    @Option(
            names = "--type",
            required = true,
            paramLabel = "TYPE",
            description = "The type or mixture: ${COMPLETION-CANDIDATES}.")
    private Mixture type;

    @Option(
            names = "--layers",
            paramLabel = "N",
            description = "Only the first layers, for a smaller file (default: all).")
    private Integer layers;

    @Option(names = "--pure", description = "Give every matrix the same type.")
    private boolean pure;

    @Option(
            names = "--seed",
            paramLabel = "S",
            defaultValue = "1",
            description = "The seed of the weights (default ${DEFAULT-VALUE}).")
    private long seed;

    @Parameters(
            paramLabel = "OUT",
            converter = OutputFile.OfBytes.class,
            description = "The file to write, or - for standard output.")
    private Path out;

    @Mixin
    private ForceArguments force;

    static final class ShapeNames implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return ModelShape.all().stream().map(ModelShape::name).iterator();
        }
    }

    @Override
    public Integer call() throws IOException {
        ModelShape named;
        try {
            named = ModelShape.named(shape);
            named = layers == null ? named : named.cutTo(layers);
        } catch (IllegalArgumentException wrong) {
            throw new ParameterException(spec.commandLine(), wrong.getMessage().replaceFirst("^layers", "--layers"));
        }
        force.check(out, List.of());
        SyntheticModel model = new SyntheticModel(named, type, pure);
        try (Progress progress = Progress.ofBytes("writing", model.bytes())) {
            return TidyExit.letFinish(() -> {
                if (force.given()) {
                    model.replace(out, seed, progress);
                } else {
                    model.write(out, seed, progress);
                }
                return 0;
            });
        }
    }
}
