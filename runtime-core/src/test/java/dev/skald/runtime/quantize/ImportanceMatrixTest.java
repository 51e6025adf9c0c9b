package dev.skald.runtime.quantize;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.gguf.GgmlType;
import dev.skald.gguf.GgufFormatException;
import dev.skald.gguf.GgufWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ImportanceMatrixTest {
    private static final String DOWN = "blk.0.ffn_down.weight";
    private static final String EXPERTS = "blk.0.ffn_up_exps.weight";

    @TempDir
    Path folder;

    /** The newer form of llama-imatrix: sums and counts, here for two experts, one of which was never used. */
    @Test
    void readsTheGgufForm() throws IOException {
        ImportanceMatrix matrix = ImportanceMatrix.read(gguf("imatrix"));
        assertArrayEquals(new float[] {0.5f, 2, 0}, matrix.of(DOWN).orElseThrow());
        assertArrayEquals(new float[] {3, 4, 1, 1}, matrix.of(EXPERTS).orElseThrow());
        assertEquals(Set.of(DOWN, EXPERTS), matrix.tensors());
        assertTrue(matrix.of("blk.1.ffn_down.weight").isEmpty());
        assertEquals(List.of("a.txt", "b.txt"), matrix.datasets());
        assertEquals(3, matrix.chunks());
        assertEquals(256, matrix.chunkSize());
    }

    @Test
    void readsTheOlderForm() throws IOException {
        ImportanceMatrix matrix = ImportanceMatrix.read(dat(1, 4, 2, 8, 0, 4, "a.txt"));
        assertArrayEquals(new float[] {0.5f, 2, 0}, matrix.of(DOWN).orElseThrow());
        assertEquals(List.of("a.txt"), matrix.datasets());
        assertEquals(4, matrix.chunks());
    }

    /** In its first version, that form ends after the entries. */
    @Test
    void readsTheOldestForm() throws IOException {
        byte[] all = Files.readAllBytes(dat(1, 4, 2, 8, 0, 4, ""));
        Path file = Files.write(folder.resolve("old.dat"), Arrays.copyOf(all, all.length - 8));
        ImportanceMatrix matrix = ImportanceMatrix.read(file);
        assertArrayEquals(new float[] {0.5f, 2, 0}, matrix.of(DOWN).orElseThrow());
        assertEquals(List.of(), matrix.datasets());
        assertEquals(4, matrix.chunks());
    }

    @Test
    void whatIsWrittenIsRead() throws IOException {
        ImportanceMatrix matrix = ImportanceMatrix.read(gguf("imatrix"));
        matrix.write(folder.resolve("again.gguf"));
        ImportanceMatrix again = ImportanceMatrix.read(folder.resolve("again.gguf"));
        assertArrayEquals(
                Files.readAllBytes(folder.resolve("again.gguf")), rewritten(again, folder.resolve("third.gguf")));
        assertEquals("2 tensors, 3 chunks of 256 tokens", again.toString());
        assertArrayEquals(matrix.of(EXPERTS).orElseThrow(), again.of(EXPERTS).orElseThrow());
        assertEquals(matrix.datasets(), again.datasets());
    }

    /** The bytes that llama-imatrix of 2024 writes for these sums, worked out by hand. */
    @Test
    void writesTheOlderForm() throws IOException {
        ImportanceMatrix matrix = ImportanceMatrix.read(dat(1, 4, 2, 8, 0, 4, "a.txt"));
        Path file = folder.resolve("out.dat");
        matrix.writeDat(file);
        assertArrayEquals(Files.readAllBytes(dat(1, 4, 2, 8, 0, 4, "a.txt")), Files.readAllBytes(file));
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(0, files.filter(f -> f.toString().endsWith(".part")).count());
        }
    }

    @Test
    void sumsAreAddedByTheirTokens() throws IOException {
        ImportanceMatrix one = ImportanceMatrix.read(gguf("imatrix"));
        ImportanceMatrix sum = one.plus(one);
        assertArrayEquals(one.of(DOWN).orElseThrow(), sum.of(DOWN).orElseThrow());
        assertEquals(6, sum.chunks());
        assertEquals(List.of("a.txt", "b.txt"), sum.datasets());
        // 4 chunks of 512 tokens with the mean 0.5, and 2 tokens with 4.
        ImportanceMatrix other = ImportanceMatrix.read(dat(1, 4, 2, 8, 0, 4, "c.txt"));
        assertEquals((2048 * 0.5f + 1) / 2050, other.plus(one).of(DOWN).orElseThrow()[0], 1e-7f);
    }

    @Test
    void matricesOfDifferentModelsAreNotAdded() throws IOException {
        ImportanceMatrix one = ImportanceMatrix.read(gguf("imatrix"));
        ImportanceMatrix other = ImportanceMatrix.read(dat(1, 4, 2, 8, 4, "c.txt"));
        Exception e = assertThrows(IllegalArgumentException.class, () -> one.plus(other));
        assertTrue(e.getMessage().contains(DOWN), e.getMessage());
    }

    static Stream<byte[]> brokenDat() throws IOException {
        return Stream.of(
                new byte[0],
                "Det var en gang en skald.".getBytes(StandardCharsets.UTF_8),
                datBytes(1000, 4, 2, 8, 0, 4, "a.txt"),
                datBytes(-1, 4, 2, 8, 0, 4, "a.txt"),
                Arrays.copyOf(datBytes(1, 4, 2, 8, 0, 4, "a.txt"), 40),
                Arrays.copyOf(datBytes(1, 4, 2, 8, 0, 4, "a.txt"), 60),
                datBytes(1, 4, Float.NaN, 8, 0, 4, "a.txt"),
                datBytes(1, 4, -1, 8, 0, 4, "a.txt"),
                datBytes(1, 4, Float.MAX_VALUE, 8, 0, 4, "a.txt"));
    }

    @ParameterizedTest
    @MethodSource
    void brokenDat(byte[] bytes) throws IOException {
        Path file = Files.write(folder.resolve("broken.dat"), bytes);
        Exception e = assertThrows(GgufFormatException.class, () -> ImportanceMatrix.read(file));
        assertTrue(e.getMessage().startsWith(file.toString()), e.getMessage());
    }

    @Test
    void aModelIsNoImportanceMatrix() throws IOException {
        Path file = gguf("model");
        Exception e = assertThrows(GgufFormatException.class, () -> ImportanceMatrix.read(file));
        assertTrue(e.getMessage().contains("'model'"), e.getMessage());
    }

    @Test
    void sumsWithoutCountsAreRefused() throws IOException {
        Path file = folder.resolve("half.gguf");
        try (GgufWriter writer = GgufWriter.create(file)) {
            writer.put("general.type", "imatrix").tensor(DOWN + ".in_sum2", GgmlType.F32, 1, 1);
            writer.data(DOWN + ".in_sum2", floats(1));
            writer.commit();
        }
        Exception e = assertThrows(GgufFormatException.class, () -> ImportanceMatrix.read(file));
        assertTrue(e.getMessage().contains(DOWN + ".counts"), e.getMessage());
    }

    private Path gguf(String type) throws IOException {
        Path file = folder.resolve(type + ".gguf");
        try (GgufWriter writer = GgufWriter.create(file)) {
            writer.put("general.type", type)
                    .put("imatrix.datasets", List.of("a.txt", "b.txt"))
                    .putUint32("imatrix.chunk_count", 3)
                    .putUint32("imatrix.chunk_size", 256);
            writer.tensor(DOWN + ".in_sum2", GgmlType.F32, 3, 1)
                    .tensor(DOWN + ".counts", GgmlType.F32, 1, 1)
                    .tensor(EXPERTS + ".in_sum2", GgmlType.F32, 2, 2)
                    .tensor(EXPERTS + ".counts", GgmlType.F32, 1, 2);
            writer.data(DOWN + ".in_sum2", floats(1, 4, 0));
            writer.data(DOWN + ".counts", floats(2));
            writer.data(EXPERTS + ".in_sum2", floats(6, 8, 0, 0));
            writer.data(EXPERTS + ".counts", floats(2, 0));
            writer.commit();
        }
        return file;
    }

    private static byte[] rewritten(ImportanceMatrix matrix, Path file) throws IOException {
        matrix.write(file);
        return Files.readAllBytes(file);
    }

    private static MemorySegment floats(float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return MemorySegment.ofBuffer(bytes);
    }

    /** One entry and what follows it: the last two arguments are the number of chunks at the end, and the dataset. */
    private Path dat(int entries, int chunks, Object... rest) throws IOException {
        return Files.write(folder.resolve("imatrix.dat"), datBytes(entries, chunks, rest));
    }

    private static byte[] datBytes(int entries, int chunks, Object... rest) throws IOException {
        byte[] name = DOWN.getBytes(StandardCharsets.UTF_8);
        byte[] dataset = rest[rest.length - 1].toString().getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(ints(entries, name.length));
        out.write(name);
        out.write(ints(chunks, rest.length - 2));
        for (int i = 0; i < rest.length - 2; i++) {
            out.write(ints(Float.floatToRawIntBits(((Number) rest[i]).floatValue())));
        }
        out.write(ints((int) rest[rest.length - 2], dataset.length));
        out.write(dataset);
        return out.toByteArray();
    }

    private static byte[] ints(int... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asIntBuffer().put(values);
        return bytes.array();
    }
}
