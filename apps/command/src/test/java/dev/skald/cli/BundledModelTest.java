package dev.skald.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.IOException;
import java.net.URL;
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

    private URL resource;
    private Path cache;

    @BeforeEach
    void makeResource() throws IOException {
        resource = Files.write(folder.resolve("resource"), CONTENT).toUri().toURL();
        cache = folder.resolve("cache");
    }

    @Test
    void theCopyIsMadeOnce() throws IOException {
        Path first = BundledModel.copy(resource, cache);
        assertArrayEquals(CONTENT, Files.readAllBytes(first));
        assertEquals(first, BundledModel.copy(resource, cache));
        try (Stream<Path> files = Files.list(cache)) {
            assertEquals(1, files.count());
        }
    }

    @Test
    void aDamagedCopyIsReplaced() throws IOException {
        Path copy = BundledModel.copy(resource, cache);
        Files.write(copy, new byte[] {1, 2});
        assertArrayEquals(CONTENT, Files.readAllBytes(BundledModel.copy(resource, cache)));
    }

    @Test
    void withoutACacheTheCopyIsTemporary() throws IOException {
        Files.writeString(cache, "a file where the folder would be");
        Path copy = BundledModel.copy(resource, cache);
        assertNotEquals(cache, copy.getParent());
        assertArrayEquals(CONTENT, Files.readAllBytes(copy));
    }
}
