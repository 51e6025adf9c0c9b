package dev.skald.cli;

import java.util.LinkedHashMap;
import java.util.Map;
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
        synopsisSubcommandLabel = "COMMAND",
        footer = {"", "Exit codes: 0 success, 1 failure, 2 wrong usage."})
public final class Skald implements Callable<Integer> {
    /** The commands by name, in the order of the help. */
    private static final Map<String, Class<?>> COMMANDS = new LinkedHashMap<>();

    static {
        COMMANDS.put("chat", ChatCommand.class);
        COMMANDS.put("run", RunCommand.class);
        COMMANDS.put("complete", Complete.class);
        COMMANDS.put("batch", BatchCommand.class);
        COMMANDS.put("embed", EmbedCommand.class);
        COMMANDS.put("rerank", RerankCommand.class);
        COMMANDS.put("tokenize", Tokenize.class);
        COMMANDS.put("logits", Logits.class);
        COMMANDS.put("inspect", Inspect.class);
        COMMANDS.put("convert", Convert.class);
        COMMANDS.put("pull", PullCommand.class);
        COMMANDS.put("list", ListCommand.class);
        COMMANDS.put("rm", RmCommand.class);
        COMMANDS.put("quantize", Quantize.class);
        COMMANDS.put("synth", Synth.class);
        COMMANDS.put("bench", Bench.class);
        COMMANDS.put("lab", LabCommand.class);
        COMMANDS.put("perplexity", PerplexityCommand.class);
        COMMANDS.put("imatrix", ImatrixCommand.class);
        COMMANDS.put("serve", Serve.class);
        COMMANDS.put("diagnose", Diagnose.class);
        COMMANDS.put("generate-completion", GenerateCompletion.class);
        COMMANDS.put("help", Help.class);
    }

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
        CommandLine command = commandLine(skald, streams, args)
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

    /**
     * Returns a parser with the commands that a command line needs. To read the options of all of them would take a tenth of a
     * second.
     */
    static CommandLine commandLine(Skald skald, Streams streams, String... args) {
        CommandFactory factory = new CommandFactory(streams);
        CommandLine command = new CommandLine(skald, factory);
        Class<?> only = args.length == 0 ? null : COMMANDS.get(args[0]);
        if (only == null || only == Help.class || only == GenerateCompletion.class) {
            COMMANDS.forEach((name, type) -> command.addSubcommand(name, new CommandLine(type, factory)));
        } else {
            command.addSubcommand(args[0], new CommandLine(only, factory));
        }
        return command;
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
