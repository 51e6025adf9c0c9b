package dev.skald.gguf.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WholeFileTest {
    private static final Existing NOTES = Existing.replaceKind("list", "* ".getBytes(StandardCharsets.US_ASCII));

    @TempDir
    Path folder;

    @Test
    void aFileGetsItsNameWhenItIsComplete() throws IOException {
        Path file = folder.resolve("a.txt");
        try (WholeFile whole = WholeFile.create(file, Existing.KEEP)) {
            whole.write(bytes("all"));
            assertFalse(Files.exists(file));
            whole.commit();
        }
        assertEquals("all", Files.readString(file));
        assertEquals(List.of("a.txt"), names());
    }

    @Test
    void withoutACommitNothingIsLeft() throws IOException {
        try (WholeFile whole = WholeFile.create(folder.resolve("a.txt"), Existing.KEEP)) {
            whole.write(bytes("half"));
        }
        assertEquals(List.of(), names());
    }

    @Test
    void aFileThatIsThereIsKept() throws IOException {
        Path file = Files.writeString(folder.resolve("a.txt"), "before");
        assertEquals(
                file.toString(),
                assertThrows(FileAlreadyExistsException.class, () -> write(file, Existing.KEEP))
                        .getFile());
        assertThrows(FileAlreadyExistsException.class, () -> WholeFile.check(file, Existing.KEEP));
        assertEquals("before", Files.readString(file));
        assertEquals(List.of("a.txt"), names());
    }

    @Test
    void aFileIsReplacedWhereThatIsAllowed() throws IOException {
        Path file = Files.writeString(folder.resolve("a.txt"), "before");
        write(file, Existing.REPLACE);
        assertEquals("written", Files.readString(file));
    }

    @Test
    void anEmptyFileIsLikeNone() throws IOException {
        Path file = Files.createFile(folder.resolve("a.txt"));
        write(file, Existing.KEEP);
        assertEquals("written", Files.readString(file));
    }

    @Test
    void onlyAFileOfTheSameKindIsReplaced() throws IOException {
        Path list = Files.writeString(folder.resolve("list.txt"), "* one");
        write(list, NOTES);
        assertEquals("written", Files.readString(list));
        for (String other : List.of("*", "one\n* two", "GGUF")) {
            Path file = Files.writeString(folder.resolve("other.txt"), other);
            assertThrows(FileAlreadyExistsException.class, () -> write(file, NOTES));
            assertEquals(other, Files.readString(file));
        }
    }

    @Test
    void aFileThatComesMeanwhileIsKeptAndSoIsTheWork() throws IOException {
        Path file = folder.resolve("a.txt");
        try (WholeFile whole = WholeFile.create(file, Existing.KEEP)) {
            whole.write(bytes("hours of work"));
            Files.writeString(file, "other");
            String message = assertThrows(FileAlreadyExistsException.class, whole::commit)
                    .getMessage();
            assertTrue(message.contains(".part"), message);
        }
        assertEquals("other", Files.readString(file));
        Path part = folder.resolve(names().get(1));
        assertEquals("hours of work", Files.readString(part));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aFolderIsNeverReplaced(boolean full) throws IOException {
        Path directory = Files.createDirectory(folder.resolve("directory"));
        if (full) {
            Files.createFile(directory.resolve("in"));
        }
        assertThrows(FileSystemException.class, () -> write(directory, Existing.REPLACE));
        assertTrue(Files.isDirectory(directory));
    }

    @Test
    void aMissingFolderIsNamed() {
        Path file = folder.resolve("none").resolve("a.txt");
        String message = assertThrows(NoSuchFileException.class, () -> WholeFile.check(file, Existing.KEEP))
                .getMessage();
        assertTrue(message.contains("none") && message.contains("a.txt"), message);
        assertThrows(NoSuchFileException.class, () -> write(file, Existing.KEEP));
    }

    @Test
    void aFileInPlaceOfTheFolderIsNamed() throws IOException {
        Path file = Files.createFile(folder.resolve("b.txt")).resolve("a.txt");
        String message = assertThrows(FileSystemException.class, () -> WholeFile.check(file, Existing.KEEP))
                .getMessage();
        assertTrue(message.contains("b.txt: is not a folder"), message);
    }

    @Test
    void anEmptyNameIsRefused() {
        assertThrows(FileSystemException.class, () -> write(Path.of(""), Existing.REPLACE));
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "links need a privilege there")
    void linksAreFollowedAndStay() throws IOException {
        Path store = Files.createDirectory(folder.resolve("store"));
        Path file = store.resolve("a.txt");
        Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("second"));
        Path second = Files.createSymbolicLink(folder.resolve("second"), Path.of("store", "a.txt"));
        write(link, Existing.KEEP);
        assertTrue(Files.isSymbolicLink(link) && Files.isSymbolicLink(second));
        assertEquals("written", Files.readString(file));
        assertThrows(FileAlreadyExistsException.class, () -> write(link, Existing.KEEP));
        Files.writeString(file, "before");
        write(link, Existing.REPLACE);
        assertTrue(Files.isSymbolicLink(link));
        assertEquals("written", Files.readString(file));
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "links need a privilege there")
    void aLinkToItselfIsRefused() throws IOException {
        Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("link"));
        assertThrows(FileSystemException.class, () -> write(link, Existing.REPLACE));
        assertTrue(Files.isSymbolicLink(link));
    }

    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void aPipeIsWrittenInto() throws Exception {
        Path pipe = folder.resolve("pipe");
        assumeTrue(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor() == 0);
        CompletableFuture<byte[]> read = CompletableFuture.supplyAsync(() -> {
            try {
                return Files.readAllBytes(pipe);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        assertEquals(Optional.empty(), WholeFile.check(pipe, Existing.KEEP));
        write(pipe, Existing.KEEP);
        assertArrayEquals("written".getBytes(StandardCharsets.UTF_8), read.get());
        assertEquals(List.of("pipe"), names());
        assertFalse(Files.isRegularFile(pipe));
    }

    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void aDeviceIsWrittenIntoAlsoThroughALink() throws IOException {
        Path device = Path.of("/dev/null");
        Path link = Files.createSymbolicLink(folder.resolve("link"), device);
        write(link, Existing.REPLACE);
        write(device, Existing.REPLACE);
        assertTrue(Files.isSymbolicLink(link));
        assertFalse(Files.isRegularFile(device));
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aDiskThatIsFullIsNamed() {
        Path full = Path.of("/dev/full");
        assumeTrue(Files.exists(full));
        String message = assertThrows(FileSystemException.class, () -> write(full, Existing.KEEP))
                .getMessage();
        assertTrue(message.startsWith("/dev/full: No space left on device"), message);
    }

    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void aFileForItsOwner() throws IOException {
        Path file = folder.resolve("a.txt");
        for (int i = 0; i < 2; i++) {
            try (WholeFile whole = WholeFile.createForOwner(file, Existing.REPLACE)) {
                whole.write(bytes("secret"));
                assertEquals("rw-------", permissions(folder.resolve(names().getLast())));
                whole.commit();
            }
            assertEquals("rw-------", permissions(file));
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        }
    }

    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void aFileThatReplacesAnotherTakesItsPermissions() throws IOException {
        Path file = Files.createFile(folder.resolve("a.txt"));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw----"));
        write(file, Existing.KEEP);
        assertEquals("rw-rw----", permissions(file));
    }

    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void aFolderWithoutPermissionIsNamedBeforehand() throws IOException {
        Path closed = Files.createDirectory(folder.resolve("closed"));
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("r-xr-xr-x"));
        assumeTrue(!Files.isWritable(closed), "the superuser may write everywhere");
        Path file = closed.resolve("a.txt");
        assertThrows(AccessDeniedException.class, () -> WholeFile.check(file, Existing.KEEP));
        assertThrows(AccessDeniedException.class, () -> write(file, Existing.KEEP));
        Path below = closed.resolve("folder").resolve("a.txt");
        Files.setPosixFilePermissions(closed, Set.of());
        assertThrows(AccessDeniedException.class, () -> WholeFile.check(below, Existing.KEEP));
    }

    private static void write(Path file, Existing existing) throws IOException {
        try (WholeFile whole = WholeFile.create(file, existing)) {
            whole.write(bytes("written"));
            whole.commit();
        }
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String permissions(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
