package dev.skald.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code skald generate-completion}: prints the shell script for the tab key. */
@Command(
        name = "generate-completion",
        description = "Print a completion script for bash and zsh: source <(skald generate-completion)")
final class GenerateCompletion implements Callable<Integer> {
    private final Streams streams;

    @Spec
    private CommandSpec spec;

    GenerateCompletion(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() {
        streams.out().print(AutoComplete.bash(spec.root().name(), spec.root().commandLine()));
        return 0;
    }
}
