package dev.skald.cli;

import dev.skald.gguf.io.Existing;
import dev.skald.gguf.io.WholeFile;
import dev.skald.runtime.Model;
import dev.skald.runtime.quantize.ImportanceMatrix;
import dev.skald.runtime.quantize.ImportanceOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code skald imatrix}: collects an importance matrix. */
@Command(
        name = "imatrix",
        description = {
            "Collect an importance matrix: which columns of a model's matrices matter while it reads a text. It"
                    + " is for skald quantize --imatrix.",
            "",
            "The text should contain everything that the model must be good at; a hundred chunks are usually"
                    + " enough. The file has llama.cpp's format and is saved regularly. --from continues an"
                    + " earlier file.",
            ""
        })
final class ImatrixCommand implements Callable<Integer>, Computes {
    private final Streams streams;

    @Mixin
    private OpenArguments model;

    @Mixin
    private TextArguments text;

    @Option(names = "--dataset", paramLabel = "NAME", description = "The name of the text in the file.")
    private String dataset;

    @Option(
            names = {"-o", "--output"},
            required = true,
            paramLabel = "OUT",
            converter = OutputFile.OfBytes.class,
            description = "The file to write, or - for standard output.")
    private Path out;

    @Mixin
    private ForceArguments force;

    /** Whether {@code out} may be replaced: with --force, or if its whole content will be in the new file. */
    private boolean replaces;

    @Option(
            names = "--output-format",
            paramLabel = "gguf|dat",
            defaultValue = "gguf",
            description =
                    "The format: gguf for llama.cpp since July 2025, dat for older versions and ik_llama.cpp (default"
                            + " ${DEFAULT-VALUE}).")
    private Form form;

    private enum Form {
        GGUF,
        DAT
    }

    @Option(
            names = "--from",
            paramLabel = "FILE",
            description = "Add the matrix in this file, of either format; may be given several times.")
    private List<Path> from = new ArrayList<>();

    @Option(
            names = "--skip",
            paramLabel = "N",
            defaultValue = "0",
            description = "Skip the first N chunks, which are in --from already (default ${DEFAULT-VALUE}).")
    private int skip;

    @Option(
            names = "--save-every",
            paramLabel = "N",
            defaultValue = "10",
            description = "Save after every N chunks; 0 to save only at the end (default ${DEFAULT-VALUE}).")
    private int saveEvery;

    ImatrixCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException {
        List<Path> read = new ArrayList<>(from);
        // A file that is added to may be saved to.
        boolean added = read.removeIf(this::isOut);
        read.add(model.named());
        read.add(text.file());
        ForceArguments.checkInputs(out, read);
        replaces = force.given() || added;
        boolean regular = WholeFile.check(out, replaces ? Existing.REPLACE : force.existing())
                .isPresent();
        if (!regular) {
            saveEvery = 0;
        }
        Optional<ImportanceMatrix> before = Optional.empty();
        for (Path file : from) {
            ImportanceMatrix one = ImportanceMatrix.read(file);
            before = Optional.of(before.map(sum -> sum.plus(one)).orElse(one));
        }
        Optional<ImportanceMatrix> begun = before;
        String words = text.read(streams.in());
        ImportanceMatrix all = TidyExit.letFinish(() -> {
            ImportanceMatrix collected = sum(begun, collect(words, begun));
            save(collected);
            return collected;
        });
        streams.err().println("skald: " + out + ": " + all);
        return 0;
    }

    private boolean isOut(Path file) {
        try {
            return Files.exists(out) && Files.isSameFile(file, out);
        } catch (IOException unreadable) {
            return false;
        }
    }

    private ImportanceMatrix collect(String words, Optional<ImportanceMatrix> begun) throws IOException {
        try (Model opened = model.open()) {
            int[] tokens = text.tokens(opened, words);
            int chunks = Math.max(1, text.chunksOf(tokens.length) - skip);
            try (Progress progress = Progress.of("reading", chunks)) {
                return ImportanceMatrix.collect(
                        opened,
                        tokens,
                        model.settings(options -> options.context(text.context())
                                .chunks(text.chunks())
                                .skip(skip)
                                .dataset(dataset == null ? text.name() : dataset)
                                .progress(running -> {
                                    progress.accept(running.chunks());
                                    saveSometimes(running, begun);
                                })));
            }
        } catch (UncheckedIOException cannotSave) {
            throw cannotSave.getCause();
        }
    }

    private void saveSometimes(ImportanceOptions.Progress running, Optional<ImportanceMatrix> begun) {
        if (saveEvery > 0 && running.chunks() % saveEvery == 0 && running.chunks() < running.allChunks()) {
            try {
                save(sum(begun, running.soFar().get()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static ImportanceMatrix sum(Optional<ImportanceMatrix> begun, ImportanceMatrix collected) {
        return begun.map(before -> before.plus(collected)).orElse(collected);
    }

    private void save(ImportanceMatrix matrix) throws IOException {
        if (form == Form.DAT) {
            matrix.writeDat(out, replaces);
        } else {
            matrix.write(out, replaces);
        }
        replaces = true;
    }
}
