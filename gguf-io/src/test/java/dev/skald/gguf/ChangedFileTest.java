package dev.skald.gguf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that are cut off while they are open, and pieces of files. */
class ChangedFileTest {
    private static final int FLOATS = 100_000;
    private static final List<String> STRINGS = Collections.nCopies(20_000, "a string");

    @TempDir
    Path folder;

    private Path write() throws Exception {
        Path file = folder.resolve("model.gguf");
        try (GgufWriter writer = GgufWriter.create(file)) {
            writer.put("general.name", "a name");
            writer.put("a.flag", true);
            writer.put("a.number", 7);
            writer.put("a.list", new int[] {1, 2});
            writer.put("many.strings", STRINGS);
            writer.tensor("t", GgmlType.F32, FLOATS);
            writer.data("t", MemorySegment.ofArray(new byte[4 * FLOATS]));
            writer.commit();
        }
        return file;
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "a mapped file cannot be cut off there")
    void whatIsGoneIsAnExceptionThatNamesTheFile() throws Exception {
        Path file = write();
        try (GgufFile gguf = GgufFile.open(file)) {
            GgufMetadata metadata = gguf.metadata();
            MemorySegment data = gguf.data(gguf.tensors().getFirst());
            assertEquals(0, gguf.reading(() -> sum(data)));
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.truncate(0);
            }
            gone(file, () -> gguf.reading(() -> sum(data)));
            gone(file, () -> metadata.getString("general.name"));
            gone(file, () -> metadata.get("general.name"));
            gone(file, () -> metadata.getBoolean("a.flag"));
            gone(file, () -> metadata.getInt("a.number"));
            gone(file, () -> metadata.getFloat("a.number"));
            gone(file, () -> metadata.getInts("a.list"));
            gone(file, () -> metadata.getArray("a.list").get(1));
        }
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "a mapped file cannot be cut off there")
    void compiledLoopsOverStringsThrowToo() throws Exception {
        Path file = write();
        try (GgufFile gguf = GgufFile.open(file)) {
            GgufArray strings = gguf.metadata().getArray("many.strings");
            for (int i = 0; i < 5; i++) {
                assertEquals(STRINGS, List.copyOf(strings.strings()));
            }
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.truncate(0);
            }
            gone(file, () -> List.copyOf(strings.strings()));
        }
    }

    /** Copies before it reads, because in some compiled code the JVM crashes on missing bytes instead of throwing an error. */
    private static double sum(MemorySegment mapped) {
        float[] floats = new float[FLOATS];
        MemorySegment.copy(mapped, ValueLayout.JAVA_FLOAT_UNALIGNED, 0, floats, 0, FLOATS);
        double sum = 0;
        for (float one : floats) {
            sum += one;
        }
        return sum;
    }

    private static void gone(Path file, Executable reading) {
        String message = assertThrows(GgufFormatException.class, reading).getMessage();
        assertTrue(message.startsWith(file + ": has 0 bytes, and had "), message);
    }

    @Test
    void otherErrorsStayWhatTheyAre() throws Exception {
        try (GgufFile gguf = GgufFile.open(write())) {
            InternalError other = new InternalError("something else");
            assertEquals(
                    other,
                    assertThrows(
                            InternalError.class,
                            () -> gguf.reading(() -> {
                                throw other;
                            })));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "m.gguf.aa",
                "m.gguf.part1of2",
                "m.gguf-split-a",
                "m.gguf.part-aa",
                "m.Q4_K.gguf.001",
                "m.gguf-part-b",
                "xaa"
            })
    void aPieceOfACutFileIsToBeJoined(String name) throws Exception {
        byte[] whole = Files.readAllBytes(write());
        Path first = folder.resolve(name);
        Files.write(first, Arrays.copyOf(whole, whole.length / 2));
        joined(first);
        Files.write(first, Arrays.copyOfRange(whole, whole.length / 2, whole.length));
        joined(first);
    }

    private static void joined(Path piece) {
        String message = assertThrows(GgufFormatException.class, () -> GgufFile.open(piece))
                .getMessage();
        assertTrue(message.startsWith(piece.toString()), message);
        assertTrue(message.contains("join all pieces, as in `cat "), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"m.gguf", "m-00001-of-00002.gguf", "model.bin", "part", "m.gguf.download", "x"})
    void othersAreNoPieces(String name) throws Exception {
        Path file = Files.write(folder.resolve(name), new byte[50]);
        String message = assertThrows(GgufFormatException.class, () -> GgufFile.open(file))
                .getMessage();
        assertTrue(!message.contains("join all pieces"), message);
    }
}
