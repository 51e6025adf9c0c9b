package dev.skald.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BundledModelTest {
    private static final byte[] CONTENT = {1, 2, 3};

    @TempDir
    Path folder;

    private Path cache;

    @BeforeEach
    void nameFolder() {
        cache = folder.resolve("cache");
    }

    @Test
    void theCopyIsMadeOnce() throws IOException {
        Path first = BundledModel.copy(CONTENT, cache);
        assertArrayEquals(CONTENT, Files.readAllBytes(first));
        assertEquals(first, BundledModel.copy(CONTENT, cache));
        try (Stream<Path> files = Files.list(cache)) {
            assertEquals(1, files.count());
        }
    }

    @Test
    void aDamagedCopyIsReplaced() throws IOException {
        Path copy = BundledModel.copy(CONTENT, cache);
        Files.write(copy, new byte[] {1, 2});
        assertArrayEquals(CONTENT, Files.readAllBytes(BundledModel.copy(CONTENT, cache)));
    }

    @Test
    void withoutACacheTheCopyIsTemporary() throws IOException {
        Files.writeString(cache, "a file where the folder would be");
        Path copy = BundledModel.copy(CONTENT, cache);
        assertNotEquals(cache, copy.getParent());
        assertArrayEquals(CONTENT, Files.readAllBytes(copy));
    }
}
