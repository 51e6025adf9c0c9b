package dev.skald.cli;

import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The option for the model file. */
final class FileArguments {
    @Option(
            names = {"-m", "--model"},
            paramLabel = "FILE",
            description = "A GGUF file, or any part of a split one (default: the tiny model that ships with Skald).")
    private Path model;

    @Option(
            names = "--pre-tokenizer",
            order = Order.EXPERT,
            paramLabel = "NAME",
            description = "The pre-tokenizer, if the file names none or an unknown one.")
    String preTokenizer;

    boolean given() {
        return model != null;
    }

    /** The file that was named; null for the tiny model. */
    Path named() {
        return model;
    }

    Path model() throws IOException {
        return model == null ? BundledModel.file() : model;
    }
}
