package dev.skald.cli;

import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The options that say which model. */
final class FileArguments {
    @Spec(Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = {"-m", "--model"},
            paramLabel = "FILE",
            description = "A GGUF file, or any part of a split one (default: the tiny model that ships with Skald).")
    private Path model;

    @Option(
            names = "--pre-tokenizer",
            paramLabel = "NAME",
            description = "The pre-tokenizer, where the file names none or an unknown one.")
    String preTokenizer;

    boolean given() {
        return model != null;
    }

    Path model() throws IOException {
        if (model != null) {
            return model;
        }
        return BundledModel.file()
                .orElseThrow(() -> new ParameterException(
                        command.commandLine(), "this build has no model of its own: name a GGUF file by -m FILE"));
    }
}
