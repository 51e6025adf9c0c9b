package dev.skald.cli;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The options that say which model. */
final class FileArguments {
    @Option(
            names = {"-m", "--model"},
            required = true,
            paramLabel = "FILE",
            description = "A GGUF file, or any part of a split one.")
    Path model;

    @Option(
            names = "--pre-tokenizer",
            paramLabel = "NAME",
            description = "The pre-tokenizer, where the file names none or an unknown one.")
    String preTokenizer;
}
