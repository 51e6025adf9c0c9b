package dev.skald.gguf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TensorReaderTest {
    private static final int F32 = 0;

    @TempDir
    Path folder;

    private Path path;

    /** Two tensors, whose bytes count from 0 and from 100. */
    @BeforeEach
    void write() throws IOException {
        byte[] first = new byte[32];
        byte[] second = new byte[64];
        for (int i = 0; i < second.length; i++) {
            first[i % 32] = (byte) (i % 32);
            second[i] = (byte) (100 + i);
        }
        path = RawGguf.header(2, 0)
                .tensor("first", F32, 0, 8)
                .tensor("second", F32, 32, 16)
                .pad(32)
                .bytes(first)
                .bytes(second)
                .write(folder.resolve("model.gguf"));
    }

    private static TensorInfo second(GgufFile gguf) {
        return gguf.tensor("second").orElseThrow();
    }

    @ParameterizedTest
    @CsvSource({"0, 64", "0, 1", "63, 1", "17, 30", "64, 0"})
    void aPieceIsThatOfTheMapping(int offset, int size) throws IOException {
        try (GgufFile gguf = GgufFile.open(path);
                TensorReader reader = gguf.reader();
                Arena arena = Arena.ofConfined()) {
            MemorySegment target = arena.allocate(size + 1);
            reader.read(second(gguf), offset, target.asSlice(0, size));
            byte[] expected = gguf.data(second(gguf)).asSlice(offset, size).toArray(ValueLayout.JAVA_BYTE);
            assertArrayEquals(expected, target.asSlice(0, size).toArray(ValueLayout.JAVA_BYTE));
            assertEquals(0, target.get(ValueLayout.JAVA_BYTE, size));
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 65", "64, 1", "-1, 2", "65, 0"})
    void nothingBeyondATensorIsRead(int offset, int size) throws IOException {
        try (GgufFile gguf = GgufFile.open(path);
                TensorReader reader = gguf.reader()) {
            MemorySegment target = MemorySegment.ofArray(new byte[size]);
            assertThrows(IndexOutOfBoundsException.class, () -> reader.read(second(gguf), offset, target));
        }
    }

    @Test
    void tensorsOfAnotherFileAreRefused() throws IOException {
        try (GgufFile gguf = GgufFile.open(path);
                GgufFile other = GgufFile.open(path);
                TensorReader reader = gguf.reader()) {
            MemorySegment target = MemorySegment.ofArray(new byte[1]);
            assertThrows(IllegalArgumentException.class, () -> reader.read(second(other), 0, target));
        }
    }

    @Test
    void whatIsClosedReadsNothing() throws IOException {
        GgufFile gguf = GgufFile.open(path);
        MemorySegment target = MemorySegment.ofArray(new byte[1]);
        TensorReader closed = gguf.reader();
        closed.close();
        closed.close();
        assertThrows(ClosedChannelException.class, () -> closed.read(second(gguf), 0, target));
        try (TensorReader reader = gguf.reader()) {
            TensorInfo tensor = second(gguf);
            gguf.close();
            assertThrows(IllegalStateException.class, () -> reader.read(tensor, 0, target));
            assertThrows(IllegalStateException.class, gguf::reader);
        }
    }

    @Test
    @DisabledOnOs(OS.WINDOWS) // where a mapped file cannot be cut off
    void aFileThatHasBecomeShorterIsNamed() throws IOException {
        try (GgufFile gguf = GgufFile.open(path);
                TensorReader reader = gguf.reader()) {
            try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
                channel.truncate(channel.size() - 10);
            }
            MemorySegment target = MemorySegment.ofArray(new byte[64]);
            String message = assertThrows(GgufFormatException.class, () -> reader.read(second(gguf), 0, target))
                    .getMessage();
            assertTrue(message.contains("has become shorter") && message.contains("'second'"), message);
        }
    }
}
