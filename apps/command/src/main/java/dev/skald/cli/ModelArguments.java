package dev.skald.cli;

import dev.skald.runtime.Model;
import dev.skald.runtime.generate.Session;
import dev.skald.runtime.generate.SessionOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of every command that lets a model say something. */
final class ModelArguments {
    @Mixin
    private OpenArguments open;

    @Option(
            names = {"-c", "--context", "--ctx-size"},
            paramLabel = "C",
            description = "Maximum number of tokens of a text (default: what the model was trained for).")
    private Integer context;

    /** Whether a model is named. */
    boolean given() {
        return open.given();
    }

    /** The file that is named; null for the tiny model. */
    Path named() throws IOException {
        return open.named();
    }

    Model open() throws IOException {
        return open.open();
    }

    Session newSession(Model model) {
        warn(model);
        return model.newSession(settings(this::setContext));
    }

    /** Warns that a context is longer than the model was trained for. */
    void warn(Model model) {
        if (context != null) {
            Trained.warn(model, context);
        }
    }

    /** The context that is asked for, or another. */
    int contextOr(int other) {
        return context == null ? other : context;
    }

    void setContext(SessionOptions options) {
        if (context != null) {
            options.contextLength(context);
        }
    }

    /** The same settings; a value out of range is reported as wrong usage of the command. */
    <O> Consumer<O> settings(Consumer<O> settings) {
        return open.settings(settings);
    }
}
