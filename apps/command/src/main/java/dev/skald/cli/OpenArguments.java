package dev.skald.cli;

import dev.skald.runtime.Model;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;
import picocli.CommandLine.Mixin;

/** The options for the model to open. */
final class OpenArguments {
    @Mixin
    private FileArguments file;

    @Mixin
    private ComputeArguments compute;

    /** Whether a model is named. */
    boolean given() {
        return file.given();
    }

    /** The file that is named; null for the tiny model. */
    Path named() throws IOException {
        return file.named();
    }

    Model open() throws IOException {
        return compute.open(file.model(), file.preTokenizer);
    }

    /** The same settings; a value out of range is reported as wrong usage of the command. */
    <O> Consumer<O> settings(Consumer<O> settings) {
        return compute.settings(settings);
    }
}
