package dev.skald.cli;

import java.util.concurrent.Callable;
import java.util.logging.Level;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.RunLast;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The {@code skald} command. */
@Command(
        name = "skald",
        description = "Runs GGUF language models on the CPU, in Java.",
        versionProvider = Version.class,
        subcommands = {
            ChatCommand.class,
            RunCommand.class,
            Complete.class,
            BatchCommand.class,
            EmbedCommand.class,
            RerankCommand.class,
            Tokenize.class,
            Logits.class,
            Inspect.class,
            Convert.class,
            PullCommand.class,
            ListCommand.class,
            RmCommand.class,
            Quantize.class,
            Synth.class,
            Bench.class,
            LabCommand.class,
            PerplexityCommand.class,
            ImatrixCommand.class,
            Serve.class,
            Diagnose.class,
            GenerateCompletion.class,
            Help.class
        },
        synopsisSubcommandLabel = "COMMAND",
        footer = {"", "Exit codes: 0 success, 1 failure, 2 wrong usage."})
public final class Skald implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            order = Order.COMMON,
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Show this help and exit.")
    private boolean help;

    @Option(
            names = {"-V", "--version"},
            order = Order.COMMON,
            versionHelp = true,
            description = "Show the versions of Skald and Java, and exit.")
    private boolean version;

    @Option(
            names = "--debug",
            order = Order.COMMON,
            scope = ScopeType.INHERIT,
            description = "Show debug messages, and the stack trace of an error.")
    private boolean debug;

    /**
     * Runs the command and ends the process.
     *
     * @param args the command line
     */
    public static void main(String[] args) {
        System.exit(run(Streams.ofProcess(), args));
    }

    /**
     * Runs the command inside this process.
     *
     * @param streams where it reads and writes
     * @param args the command line
     * @return the exit code: 0 success, 1 failure, 2 wrong usage
     */
    static int run(Streams streams, String... args) {
        Skald skald = new Skald();
        RunLast inThisProcess = new RunLast();
        CommandLine command = new CommandLine(skald, new CommandFactory(streams))
                .setOut(streams.out())
                .setErr(streams.err())
                .setExpandAtFiles(false)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(true)
                .setParameterExceptionHandler((failure, line) -> Errors.reportUsage(failure, streams.err()))
                .setExecutionExceptionHandler(
                        (failure, line, parsed) -> Errors.report(failure, streams.err(), skald.debug))
                .setExecutionStrategy(parsed -> {
                    // Commands that only look at a file do not mention speed.
                    Level level = Computes.isAskedFor(parsed) ? Level.INFO : Level.WARNING;
                    Logging.toStandardError(skald.debug ? Level.ALL : level);
                    var restarted = Restart.ifItHelps(parsed, args);
                    try {
                        return restarted.isPresent() ? restarted.getAsInt() : inThisProcess.execute(parsed);
                    } catch (OutputException failure) {
                        // Help is printed outside of the handler above.
                        return Errors.report(failure, streams.err(), skald.debug);
                    }
                });
        inOrder(command);
        int code;
        try {
            code = command.execute(args);
            streams.out().flush();
        } catch (OutputException | Error failure) {
            code = Errors.report(failure, streams.err(), skald.debug);
        }
        streams.err().flush();
        return code;
    }

    /** Options are shown in the order in which they are declared: the most used first. */
    private static void inOrder(CommandLine command) {
        command.getCommandSpec().usageMessage().sortOptions(false);
        command.getSubcommands().values().forEach(Skald::inOrder);
    }

    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getErr());
        return CommandLine.ExitCode.USAGE;
    }
}
