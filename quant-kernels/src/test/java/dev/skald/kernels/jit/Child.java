package dev.skald.kernels.jit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jdk.test.whitebox.WhiteBox;

/** A child JVM with the class path of this one, the vector module and the JVM's interface for tests. */
final class Child {
    private Child() {}

    /**
     * Runs a program.
     *
     * @param directory for classes that must come before the class path, and for its output
     * @throws AssertionError if it fails
     */
    static Report run(Path directory, List<String> flags, Class<?> program, String... args)
            throws IOException, InterruptedException {
        Path box = directory.resolve("boot/jdk/test/whitebox/WhiteBox.class");
        Files.createDirectories(box.getParent());
        try (var in = WhiteBox.class.getResourceAsStream("WhiteBox.class")) {
            Files.write(box, in.readAllBytes());
        }
        List<String> line = new ArrayList<>();
        line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        line.addAll(flags);
        line.addAll(List.of(
                "--add-modules=jdk.incubator.vector",
                "-Xbootclasspath/a:" + directory.resolve("boot"),
                "-XX:+UnlockDiagnosticVMOptions",
                "-XX:+WhiteBoxAPI",
                "-XX:+PrintCompilation",
                "-Xmx512m",
                "-cp",
                directory.resolve("patched") + java.io.File.pathSeparator + System.getProperty("java.class.path"),
                program.getName()));
        line.addAll(List.of(args));
        Path output = directory.resolve("output");
        int code = new ProcessBuilder(line)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start()
                .waitFor();
        List<String> lines = Files.readAllLines(output, StandardCharsets.ISO_8859_1);
        if (code != 0) {
            throw new AssertionError("exit code " + code + " of " + line + "\n"
                    + String.join("\n", lines.subList(Math.max(0, lines.size() - 30), lines.size())));
        }
        return Report.of(lines);
    }

    /** {@code name.class} of a class, from the class path. */
    static byte[] bytes(String name) {
        try (var in = Child.class.getClassLoader().getResourceAsStream(name.replace('.', '/') + ".class")) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
