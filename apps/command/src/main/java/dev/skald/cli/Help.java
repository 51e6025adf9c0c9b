package dev.skald.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code skald help}: shows what {@code --help} shows. */
@Command(name = "help", description = "Show the help of a command, or of all.")
final class Help implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "COMMAND", arity = "0..1", description = "Such as chat.")
    private String command;

    @Override
    public Integer call() {
        CommandLine all = spec.parent().commandLine();
        CommandLine shown = command == null ? all : all.getSubcommands().get(command);
        if (shown == null) {
            throw new ParameterException(
                    spec.commandLine(),
                    "there is no command '" + command + "', only "
                            + all.getSubcommands().keySet());
        }
        shown.usage(all.getOut());
        return 0;
    }
}
