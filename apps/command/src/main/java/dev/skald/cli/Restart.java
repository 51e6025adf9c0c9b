package dev.skald.cli;

import dev.skald.cli.KernelArguments.Kernels;
import dev.skald.gguf.GgufFile;
import dev.skald.kernels.KernelKind;
import dev.skald.runtime.arch.Architectures;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.module.ModuleFinder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.jline.utils.Signals;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.ParseResult;

/**
 * Starts the command again in a JVM with the flags of {@code jvm.options} and {@code vectors.options}, if a plain {@code java -jar skald.jar} runs a
 * command that computes. The child has this process's terminal and pipes, and determines the exit code.
 *
 * <p>The launcher starts some commands without the module of the Vector API, because without a module that incubates, the JVM
 * takes linked classes from its cache and starts much faster. Such a command is started again if it wants vectors after all.
 */
final class Restart {
    private static final String VECTOR_MODULE = "jdk.incubator.vector";
    /** Set in the child, so that it never starts another. */
    private static final String MARK = "dev.skald.cli.restarted";

    private static final String MODEL = "--model";

    /** Set by the launcher when it spared the Vector API. */
    private static final String SPARED = "dev.skald.cli.spared";

    private Restart() {}

    static OptionalInt ifItHelps(ParseResult parsed, String[] args) {
        if (!Computes.isAskedFor(parsed)
                || ModuleLayer.boot().findModule(VECTOR_MODULE).isPresent()
                || ModuleFinder.ofSystem().find(VECTOR_MODULE).isEmpty()
                || Boolean.getBoolean(MARK)) {
            return OptionalInt.empty();
        }
        if (Boolean.getBoolean(SPARED) && !wantsVectors(parsed)) {
            Logging.withoutKernels();
            return OptionalInt.empty();
        }
        List<String> ownFlags = ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(flag -> !flag.startsWith("-XX:AOTCache="))
                .toList();
        if (System.console() != null && Computes.command(parsed) instanceof ChatCommand) {
            // Ctrl-C reaches both processes, and is meant for the child.
            Signals.register("INT", () -> {});
        }
        boolean debugged = ownFlags.stream().anyMatch(flag -> flag.startsWith("-agentlib:jdwp"));
        return debugged ? OptionalInt.empty() : run(ownFlags, args);
    }

    /** Whether machine code is not all that the command will run. */
    private static boolean wantsVectors(ParseResult parsed) {
        ParseResult last = Computes.last(parsed);
        if (!KernelKind.MACHINE_CODE.available()
                || last.hasMatchedOption("--exact")
                || last.hasMatchedOption("--in-place")
                || last.matchedOptionValue("--kernels", Kernels.machine) != Kernels.machine) {
            return true;
        }
        if (!last.hasMatchedOption(MODEL)) {
            return false;
        }
        Optional<Path> file = ((NamedModel) last.matchedOption(MODEL).getValue()).onDisk();
        if (file.isEmpty()) {
            return true;
        }
        try (GgufFile model = GgufFile.open(file.get())) {
            return Architectures.wantsVectors(model);
        } catch (IOException | RuntimeException broken) {
            // The command says so.
            return false;
        }
    }

    private static OptionalInt run(List<String> ownFlags, String[] args) {
        List<String> line = new ArrayList<>();
        line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        line.addAll(jvmOptions());
        line.addAll(classCache(System.getProperty("java.class.path")));
        line.addAll(ownFlags);
        line.add("-D" + MARK + "=true");
        line.add("-cp");
        line.add(System.getProperty("java.class.path"));
        line.add(Skald.class.getName());
        line.addAll(List.of(args));
        ProcessBuilder builder = new ProcessBuilder(line).inheritIO();
        // Already among our own flags.
        builder.environment().remove("JDK_JAVA_OPTIONS");
        Process child;
        try {
            child = builder.start();
        } catch (IOException noChild) {
            System.getLogger(Restart.class.getName())
                    .log(System.Logger.Level.DEBUG, "running without the faster flags", noChild);
            return OptionalInt.empty();
        }
        try {
            return OptionalInt.of(TidyExit.letFinish(child::waitFor));
        } catch (InterruptedException ending) {
            child.destroy();
            return OptionalInt.of(ExitCode.SOFTWARE);
        }
    }

    /**
     * Returns the flags for the cache of loaded classes that the launcher made beside the jar, if it did. The JVM silently
     * ignores a cache that does not fit it or the jar.
     */
    static List<String> classCache(String classPath) {
        if (classPath.contains(File.pathSeparator)) {
            return List.of();
        }
        Path cache = Path.of(classPath).resolveSibling("skald.aot");
        return Files.isRegularFile(cache)
                ? List.of("-XX:AOTCache=" + cache, "-Xlog:cds*=off", "-Xlog:aot*=off")
                : List.of();
    }

    /** Returns the flags of {@code jvm.options} and {@code vectors.options}, without comments. */
    static List<String> jvmOptions() {
        return Stream.of("jvm.options", "vectors.options")
                .flatMap(Restart::flags)
                .toList();
    }

    private static Stream<String> flags(String file) {
        try (var lines = new BufferedReader(
                new InputStreamReader(Restart.class.getResourceAsStream(file), StandardCharsets.UTF_8))) {
            return lines
                    .lines()
                    .map(String::strip)
                    .filter(text -> !text.isEmpty() && !text.startsWith("#"))
                    .toList()
                    .stream();
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }
}
