package dev.skald.cli;

import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The option for the model file. */
final class FileArguments {
    @Option(
            names = {"-m", "--model"},
            paramLabel = "MODEL",
            converter = NamedModel.Converter.class,
            description =
                    "A GGUF file (any part of a split one), or a name on Hugging Face such as org/repo:Q4_K_M, which is"
                            + " downloaded if it is not there (default: the tiny model that ships with Skald).")
    private NamedModel model;

    @Option(
            names = "--pre-tokenizer",
            order = Order.EXPERT,
            paramLabel = "NAME",
            description = "The pre-tokenizer, if the file names none or an unknown one.")
    String preTokenizer;

    boolean given() {
        return model != null;
    }

    /** The file that is named; null for the tiny model. */
    Path named() throws IOException {
        return model == null ? null : model.file();
    }

    Path model() throws IOException {
        return model == null ? BundledModel.file() : model.file();
    }
}
