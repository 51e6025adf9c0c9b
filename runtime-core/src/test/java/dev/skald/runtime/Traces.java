package dev.skald.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** The resources of open models in this process: threads, mapped files, memory outside the heap. */
final class Traces {
    private static final Path MAPS = Path.of("/proc/self/maps");
    private static final Path STATUS = Path.of("/proc/self/status");

    private Traces() {}

    /** The compute threads of all open models. */
    static long threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("skald-"))
                .count();
    }

    /** How often a file is mapped; always 0 if the system does not say. */
    static long mappings(Path file) throws IOException {
        if (!Files.isReadable(MAPS)) {
            return 0;
        }
        String name = file.toRealPath().toString();
        try (Stream<String> maps = Files.lines(MAPS)) {
            return maps.filter(line -> line.endsWith(name)).count();
        }
    }

    static boolean canCountMappings() {
        return Files.isReadable(MAPS);
    }

    /** Returns the memory that the process uses, in bytes, if the system says. */
    static OptionalLong residentBytes() throws IOException {
        if (!Files.isReadable(STATUS)) {
            return OptionalLong.empty();
        }
        try (Stream<String> status = Files.lines(STATUS)) {
            return status.filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
                    .findFirst();
        }
    }

    static void assertNone(Path file) throws IOException {
        assertEquals(0, threads(), "threads left");
        assertEquals(0, mappings(file), "mappings left");
    }
}
