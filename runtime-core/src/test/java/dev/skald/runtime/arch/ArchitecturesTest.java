package dev.skald.runtime.arch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ArchitecturesTest {
    private static final Path PAGE = Path.of(System.getProperty("skald.root"), "docs", "models.md");

    /** The first cells of the tables of {@code docs/models.md} are names of architectures, in code marks. */
    @Test
    void thePageListsTheRegistry() throws IOException {
        List<String> named = Files.readAllLines(PAGE).stream()
                .filter(line -> line.startsWith("| `") && !line.startsWith("| `general.architecture`"))
                .map(line -> line.substring(0, line.indexOf('|', 1)))
                .flatMap(cell -> Pattern.compile("`([^`]+)`").matcher(cell).results())
                .map(found -> found.group(1))
                .sorted()
                .toList();
        assertEquals(Architectures.names().stream().sorted().toList(), named);
    }
}
