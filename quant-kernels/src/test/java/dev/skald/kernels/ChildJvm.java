package dev.skald.kernels;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What a program of the tests did in a JVM of its own.
 *
 * @param exit its exit code
 * @param out the lines it printed
 * @param err the lines of errors and warnings
 */
public record ChildJvm(int exit, List<String> out, List<String> err) {
    private static final String INCUBATOR = "WARNING: Using incubator modules: jdk.incubator.vector";

    /** Returns the lines on standard error, without those about the Vector API: the JVM's if it is there, and Skald's if not. */
    public List<String> warnings() {
        return err.stream()
                .filter(line -> !line.equals(INCUBATOR)
                        && !line.endsWith(" dev.skald.kernels.platform.Kernels choose")
                        && !line.startsWith("INFO: Skald computes without the Vector API"))
                .toList();
    }

    /** Runs a class with this JVM's class path and only the given flags. */
    public static ChildJvm run(Class<?> program, List<String> flags, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path")));
        command.addAll(flags);
        command.add(program.getName());
        command.addAll(List.of(arguments));
        Path out = Files.createTempFile("child", ".out");
        Path err = Files.createTempFile("child", ".err");
        try {
            ProcessBuilder builder =
                    new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
            // These would add flags that are not the test's own, and a line on standard error.
            builder.environment().remove("JAVA_TOOL_OPTIONS");
            builder.environment().remove("JDK_JAVA_OPTIONS");
            Process process = builder.start();
            if (!process.waitFor(2, TimeUnit.MINUTES)) {
                process.destroyForcibly().waitFor();
            }
            return new ChildJvm(
                    process.exitValue(),
                    Files.readAllLines(out, StandardCharsets.UTF_8),
                    Files.readAllLines(err, StandardCharsets.UTF_8));
        } finally {
            Files.delete(out);
            Files.delete(err);
        }
    }
}
