package dev.skald.runtime.quantize;

import dev.skald.gguf.GgufFile;
import dev.skald.gguf.io.Existing;
import dev.skald.gguf.io.WholeFile;
import dev.skald.kernels.WorkerTeam;
import dev.skald.runtime.convert.OriginalModel;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Writes a model with other types of weights, usually smaller ones. {@link #plan()} says what will become of each
 * tensor, and {@link #write} does it. Memory is bounded whatever the model's size, and the number of threads does not
 * change the result. Metadata are kept; {@code general.file_type} and {@code general.quantization_version} are updated.
 *
 * <p>Only one thread may use a quantizer. The source must not change while it is open.
 */
public final class Quantizer implements AutoCloseable {
    private final Source source;
    private final QuantizeOptions options;
    private final QuantizationPlan plan;

    private Quantizer(Source source, QuantizeOptions options, QuantizationPlan plan) {
        this.source = source;
        this.options = options;
        this.plan = plan;
    }

    /**
     * Opens a model and makes the plan.
     *
     * @param source a GGUF file, or any part of a split one
     * @param mixture the types of the new model
     * @param settings changes the default options
     * @return the quantizer; the caller closes it
     * @throws dev.skald.gguf.GgufFormatException if it is not a valid GGUF file
     * @throws dev.skald.runtime.error.UnsupportedModelException if a matrix has a type that Skald does not read, or the
     *     mixture has no rules for this kind of model
     * @throws IllegalArgumentException if a matrix is already quantized and {@link QuantizeOptions#allowRequantize} is
     *     not set, if it would get a type that Skald does not write, or if the importance matrix is from another model
     * @throws IOException if it cannot be read
     */
    public static Quantizer open(Path source, Mixture mixture, Consumer<QuantizeOptions> settings) throws IOException {
        QuantizeOptions options = new QuantizeOptions();
        settings.accept(options);
        return plan(Source.of(GgufFile.open(source)), mixture, options);
    }

    /**
     * Takes original weights and makes the plan. They are converted while they are written, tensor by tensor, without an
     * intermediate file.
     *
     * @param original the model; the quantizer closes it, also if this fails
     * @param mixture the types of the new model
     * @param settings changes the default options
     * @return the quantizer; the caller closes it
     * @throws dev.skald.runtime.error.UnsupportedModelException if the mixture has no rules for this kind of model
     * @throws IllegalArgumentException if a matrix would get a type that Skald does not write, or the importance matrix is
     *     from another model
     */
    public static Quantizer open(OriginalModel original, Mixture mixture, Consumer<QuantizeOptions> settings) {
        Source source = Source.of(original);
        QuantizeOptions options = new QuantizeOptions();
        try {
            settings.accept(options);
        } catch (Throwable e) {
            source.close();
            throw e;
        }
        return plan(source, mixture, options);
    }

    private static Quantizer plan(Source source, Mixture mixture, QuantizeOptions options) {
        try {
            return new Quantizer(source, options, Planner.plan(source, mixture, options));
        } catch (Throwable e) {
            source.close();
            throw e;
        }
    }

    /**
     * Returns what becomes of each tensor.
     *
     * @return the plan
     */
    public QuantizationPlan plan() {
        return plan;
    }

    /**
     * Returns the files that {@link #write} would write.
     *
     * @param target the target of {@link #write}
     * @return the target, or the names of all parts in order
     */
    public List<Path> files(Path target) {
        return Output.files(target, Output.parts(plan, options.splitBytes()).size());
    }

    /**
     * Writes the model. The file, or each of its parts, appears under its name only when everything is written and safe
     * on disk. Even if the process is killed, no incomplete file is left under these names. If the thread is
     * interrupted, writing stops soon and leaves no files.
     *
     * @param target the file; the parts of a model larger than {@link QuantizeOptions#splitMaxSize} get its name without
     *     {@code .gguf}, followed by {@code -00001-of-00003.gguf}
     * @return what was written
     * @throws FileAlreadyExistsException if the file exists and {@link QuantizeOptions#overwrite} is not set
     * @throws FileSystemException if the target is one of the source's files, or the disk has too little room
     * @throws IllegalArgumentException if a tensor needs an importance matrix that is not there
     * @throws dev.skald.gguf.GgufFormatException if a weight is not finite, or too large for its type
     * @throws IllegalStateException if this is closed
     * @throws ClosedByInterruptException if the thread is interrupted
     * @throws IOException if reading or writing fails
     */
    public QuantizationResult write(Path target) throws IOException {
        long start = System.nanoTime();
        checkImportance();
        List<Path> files = files(target);
        checkPlace(files);
        long bytes;
        try (WorkerTeam team = new WorkerTeam(options.threads());
                Source.Reader reader = source.reader();
                Converter converter = new Converter(source, reader, options, team);
                Output output = new Output(source, plan, options, files)) {
            converter.convertAll(plan.tensors(), output, options.progress());
            bytes = output.commit();
        }
        return new QuantizationResult(files, bytes, (System.nanoTime() - start) * 1e-9);
    }

    private void checkImportance() {
        List<QuantizationPlan.Tensor> without = plan.withoutImportance();
        if (!without.isEmpty()) {
            throw new IllegalArgumentException(plan.mixture() + " has too few bits to treat all columns alike: "
                    + without.size() + " tensors, such as '"
                    + without.getFirst().name() + "' ("
                    + without.getFirst().type() + "), need an importance matrix (--imatrix; skald imatrix makes one)");
        }
    }

    private void checkPlace(List<Path> files) throws IOException {
        Optional<Path> made = Optional.empty();
        for (Path file : files) {
            for (Path part : source.files()) {
                if (Files.exists(file) && Files.isSameFile(file, part)) {
                    throw new FileSystemException(
                            file.toString(), null, "is the source itself: give the result another name");
                }
            }
            made = WholeFile.check(file, Existing.replaceIf(options.overwrites()));
        }
        if (made.isPresent()) {
            Path folder = made.get().getParent();
            long needed = plan.bytes() + source.headBytes();
            long free = Files.getFileStore(folder).getUsableSpace();
            if (free < needed) {
                throw new FileSystemException(
                        folder.toString(),
                        null,
                        String.format(
                                "there are %,d MiB free, and the model takes %,d MiB: make room, or write it elsewhere",
                                free >> 20, needed + (1 << 20) - 1 >> 20));
            }
        }
    }

    /** Closes the source; a second call does nothing. */
    @Override
    public void close() {
        source.close();
    }
}
