package dev.skald.runtime.quantize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.gguf.GgmlType;
import dev.skald.gguf.GgufFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A process that is killed while it quantizes, at several points of the progress that it reports. */
@Timeout(120)
class QuantizerKillTest {
    @TempDir
    Path folder;

    /** The process: it quantizes, and prints its progress. */
    static final class Child {
        private Child() {}

        public static void main(String[] args) throws IOException {
            try (Quantizer quantizer = Quantizer.open(
                    Path.of(args[0]),
                    Mixture.Q4_K_M,
                    o -> o.splitMaxSize(200_000).overwrite(true).progress(System.out::println))) {
                System.out.println(0);
                quantizer.write(Path.of(args[1]));
            }
            System.out.println("end");
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.4, 1})
    void leavesNoFileUnderAFinalNameThatIsNotComplete(double share) throws Exception {
        Path source = Sources.write(folder.resolve("source.gguf"), GgmlType.F32, 3, 512, 256);
        Path target = folder.resolve("target.gguf");
        long total;
        List<Path> parts;
        try (Quantizer quantizer = Quantizer.open(source, Mixture.Q4_K_M, o -> o.splitMaxSize(200_000))) {
            total = quantizer.plan().sourceBytes();
            parts = quantizer.files(target);
        }
        Process child = child(source, target);
        try (var lines = child.inputReader()) {
            String line;
            while ((line = lines.readLine()) != null && Long.parseLong(line) < share * total) {}
            assertTrue(line != null, "the process ended early");
        }
        child.destroyForcibly();
        assertTrue(child.waitFor(30, TimeUnit.SECONDS));
        // The first part is the one that is opened, so it gets its name last.
        if (Files.exists(parts.getFirst())) {
            GgufFile.open(parts.getFirst()).close();
        }
        for (String name : names()) {
            assertTrue(
                    name.equals("source.gguf") || name.endsWith(".part") || parts.contains(folder.resolve(name)), name);
        }
        // The files that are left do not hinder the next attempt.
        assertEquals(0, waitFor(child(source, target)));
        GgufFile.open(parts.getFirst()).close();
    }

    private static int waitFor(Process process) throws Exception {
        process.getInputStream().readAllBytes();
        return process.waitFor();
    }

    private static Process child(Path source, Path target) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Child.class.getName(),
                        source.toString(),
                        target.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }
}
