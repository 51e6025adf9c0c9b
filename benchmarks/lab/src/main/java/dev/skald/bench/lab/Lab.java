package dev.skald.bench.lab;

import dev.skald.bench.MachineLimits;
import dev.skald.bench.Measurement;
import dev.skald.bench.ModelBenchmark;
import dev.skald.bench.Workload;
import dev.skald.bench.lab.Measured.Quality;
import dev.skald.bench.lab.Measured.Size;
import dev.skald.bench.lab.Measured.Speed;
import dev.skald.bench.lab.Measured.TensorError;
import dev.skald.gguf.GgmlType;
import dev.skald.gguf.GgufFile;
import dev.skald.gguf.TensorInfo;
import dev.skald.gguf.io.Printable;
import dev.skald.kernels.WorkerTeam;
import dev.skald.runtime.Diagnostics;
import dev.skald.runtime.Model;
import dev.skald.runtime.ModelDiagnostics;
import dev.skald.runtime.measure.Divergence;
import dev.skald.runtime.measure.Perplexity;
import dev.skald.runtime.quantize.QuantizationPlan;
import dev.skald.runtime.quantize.QuantizationResult;
import dev.skald.runtime.quantize.Quantizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.zip.CRC32;

/** Measures one model after the other; what is in the notebook is not measured again. */
final class Lab implements AutoCloseable {
    private final LabOptions options;
    private final LabFolder folder;
    private final Notebook notebook;
    private final Path base;
    private MachineLimits limits;

    Lab(LabOptions options) throws IOException {
        options.check();
        this.options = options;
        folder = new LabFolder(options.folder);
        notebook = new Notebook(folder.measured(), key(options));
        base = folder.base();
        folder.check(folder.all(options.types), options.overwrite, options.inputs());
        Files.createDirectories(options.folder);
    }

    /** Returns everything, except the type, that a result depends on. */
    private static String key(LabOptions options) throws IOException {
        CRC32 text = new CRC32();
        text.update(options.text.getBytes(StandardCharsets.UTF_8));
        Diagnostics machine = Diagnostics.report();
        return String.join(
                "; ",
                "notes 2",
                options.model.toAbsolutePath() + " " + Files.size(options.model) + " "
                        + Files.getLastModifiedTime(options.model),
                "text %08x".formatted(text.getValue()),
                "context " + options.context + " x " + options.chunks,
                "pp" + options.promptTokens + " tg" + options.generatedTokens + " x" + options.repeats,
                options.threads + " threads",
                "importance " + options.importanceName,
                machine.processor(),
                machine.kernels(),
                machine.java());
    }

    QuantizationReport measure() throws IOException, InterruptedException {
        new LabPlan(options, folder).check(this::isFinished);
        Measured source = source();
        List<Measured> types = new ArrayList<>();
        for (Candidate candidate : options.types) {
            boolean again = isFinished(candidate);
            types.add(measure(candidate));
            if (!again && types.size() < options.types.size()) {
                // What is finished can be read, whatever happens to the rest.
                step(
                        candidate.name(),
                        "finished; see " + report(source, types).write(options.folder, options.overwrite));
            }
        }
        Files.deleteIfExists(base);
        return report(source, types);
    }

    private QuantizationReport report(Measured source, List<Measured> types) throws IOException {
        Diagnostics machine = Diagnostics.report();
        return new QuantizationReport(
                name(),
                options.model.getFileName().toString(),
                options.textName,
                options.context,
                options.chunks,
                machine.processor() + ", " + options.threads + " threads, Java " + machine.java() + ", "
                        + machine.kernels(),
                options.importanceName,
                options.promptTokens,
                options.generatedTokens,
                options.under == null ? source.size().bytes() / 2 : options.under,
                source,
                List.copyOf(types),
                options.types.stream().skip(types.size()).map(Candidate::name).toList());
    }

    /** Returns the model's own name, or its file's name if it has none. */
    private String name() throws IOException {
        try (GgufFile file = GgufFile.open(options.model)) {
            String name = Printable.line(file.metadata().getString("general.name", ""))
                    .strip();
            return name.isEmpty() ? options.model.getFileName().toString() : name;
        }
    }

    private boolean isFinished(Candidate candidate) throws IOException {
        Measured measured = notebook.read(candidate.name());
        return measured.size() != null && measured.quality() != null && measured.speed() != null;
    }

    private Measured source() throws IOException, InterruptedException {
        Measured measured = notebook.read(LabFolder.SOURCE);
        if (measured.size() == null) {
            measured = notebook.keep(measured.with(sourceSize(), List.of()));
        }
        boolean compares = false;
        for (Candidate candidate : options.types) {
            compares |= notebook.read(candidate.name()).quality() == null;
        }
        if (measured.quality() == null || compares && !Files.exists(base)) {
            step(LabFolder.SOURCE, "reading the text");
            try (Model model = open(options.model)) {
                Perplexity own = Perplexity.measure(
                        model,
                        options.text,
                        o -> o.context(options.context)
                                .chunks(options.chunks)
                                .saveBase(base)
                                .overwrite(true));
                measured =
                        notebook.keep(measured.with(new Quality(own.value(), own.error(), 1, 0, 0, 0, 0, 0, 0, 1, 0)));
            }
        }
        return speed(measured, options.model);
    }

    private Size sourceSize() throws IOException {
        try (GgufFile file = GgufFile.open(options.model)) {
            long bytes = 0;
            long weights = 0;
            Map<GgmlType, Long> types = new EnumMap<>(GgmlType.class);
            for (TensorInfo tensor : file.tensors()) {
                bytes += tensor.bytes();
                weights += tensor.elements();
                types.merge(tensor.type(), tensor.bytes(), Long::sum);
            }
            return new Size(bytes, 8.0 * bytes / weights, shares(types, bytes), 0, 0);
        }
    }

    private Measured measure(Candidate candidate) throws IOException, InterruptedException {
        Measured measured = notebook.read(candidate.name());
        Path file = folder.model(candidate);
        if (isFinished(candidate)) {
            return measured;
        }
        if (measured.size() == null || !Files.exists(file)) {
            measured = notebook.keep(quantize(measured, candidate, file));
        }
        if (measured.quality() == null) {
            step(candidate.name(), "reading the text");
            try (Model model = open(file)) {
                measured = notebook.keep(measured.with(quality(Divergence.measure(model, base))));
            }
        }
        measured = speed(measured, file);
        if (!options.keepModels) {
            Files.deleteIfExists(file);
        }
        return measured;
    }

    private Measured quantize(Measured measured, Candidate candidate, Path file) throws IOException {
        step(candidate.name(), "quantizing");
        Files.createDirectories(file.getParent());
        QuantizationPlan plan;
        QuantizationResult result;
        try (Quantizer quantizer = LabPlan.quantizer(options, candidate)) {
            plan = quantizer.plan();
            result = quantizer.write(file);
        }
        step(candidate.name(), "comparing weights");
        try (GgufFile source = GgufFile.open(options.model);
                GgufFile quantized = GgufFile.open(file);
                WorkerTeam team = new WorkerTeam(options.threads)) {
            List<TensorError> errors = TensorErrors.compare(source, quantized, team);
            Size size = new Size(
                    plan.bytes(),
                    plan.bitsPerWeight(),
                    shares(plan.bytesByType(), plan.bytes()),
                    result.seconds(),
                    plan.fallbacks().size());
            return measured.with(size, errors);
        }
    }

    private static String shares(Map<GgmlType, Long> bytes, long all) {
        return bytes.entrySet().stream()
                .sorted(Map.Entry.<GgmlType, Long>comparingByValue().reversed())
                .filter(entry -> entry.getValue() * 200 > all)
                .map(entry -> entry.getKey() + " " + Math.round(100.0 * entry.getValue() / all) + " %")
                .collect(Collectors.joining(", "));
    }

    private static Quality quality(Divergence divergence) {
        return new Quality(
                divergence.model().value(),
                divergence.model().error(),
                divergence.ratio().value(),
                divergence.ratio().error(),
                divergence.kl().mean().value(),
                divergence.kl().mean().error(),
                divergence.kl().quantile(0.99),
                divergence.kl().quantile(0.999),
                divergence.kl().max(),
                divergence.sameTop().value(),
                divergence.sameTop().error());
    }

    private Measured speed(Measured measured, Path file) throws IOException, InterruptedException {
        if (measured.speed() != null) {
            return measured;
        }
        step(measured.name(), "measuring speed");
        if (limits == null) {
            long bytes =
                    Math.min(MachineLimits.USUAL_BYTES, Runtime.getRuntime().maxMemory() / 4);
            limits = new MachineLimits(options.threads, bytes);
        }
        ModelBenchmark.Plan plan = new ModelBenchmark.Plan(options.repeats, options.warmUpSeconds, null);
        try (ModelBenchmark benchmark = new ModelBenchmark(file, o -> o.threads(options.threads), limits)) {
            Measurement prompt = benchmark.measure(Workload.prompt(options.promptTokens, 0), plan, done -> {});
            Measurement generation =
                    benchmark.measure(Workload.generation(options.generatedTokens, 0, 1), plan, done -> {});
            ModelDiagnostics how = benchmark.diagnostics();
            return notebook.keep(measured.with(new Speed(
                    prompt.speed().mean(),
                    prompt.speed().deviation(),
                    prompt.shares().mean(),
                    generation.speed().mean(),
                    generation.speed().deviation(),
                    generation.shares().mean(),
                    how.packedBytes() > 0 ? how.packedBytes() : measured.size().bytes())));
        }
    }

    private Model open(Path file) throws IOException {
        return Model.open(file, o -> o.threads(options.threads));
    }

    private void step(String name, String what) {
        options.progress.accept(name, what);
    }

    @Override
    public void close() {
        if (limits != null) {
            limits.close();
        }
    }
}
