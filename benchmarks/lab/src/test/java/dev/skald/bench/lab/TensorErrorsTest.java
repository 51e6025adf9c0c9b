package dev.skald.bench.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.bench.lab.Measured.TensorError;
import dev.skald.gguf.GgmlType;
import dev.skald.gguf.GgufFile;
import dev.skald.gguf.GgufFormatException;
import dev.skald.gguf.GgufWriter;
import dev.skald.kernels.WorkerTeam;
import dev.skald.kernels.format.QuantFormats;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What quantization took from the weights of a file. */
class TensorErrorsTest {
    private static final int COLUMNS = 32;
    private static final int ROWS = 1000;

    @TempDir
    Path folder;

    /** A tensor whose weights are all the same, and one that is F32 in any case. */
    private Path write(String name, GgmlType type, float weight) throws Exception {
        Path file = folder.resolve(name);
        float[] weights = new float[COLUMNS * ROWS];
        Arrays.fill(weights, weight);
        try (GgufWriter writer = GgufWriter.create(file)) {
            writer.tensor("a", GgmlType.F32, COLUMNS);
            writer.tensor("b", type, COLUMNS, ROWS);
            writer.data("a", MemorySegment.ofArray(new byte[4 * COLUMNS]));
            byte[] blocks = new byte[Math.toIntExact(type.bytes(COLUMNS)) * ROWS];
            QuantFormats.of(type).encode(weights, 0, MemorySegment.ofArray(blocks), 0, weights.length);
            writer.data("b", MemorySegment.ofArray(blocks));
            writer.commit();
        }
        return file;
    }

    @Test
    void squaresOfWeightsAndOfTheirErrors() throws Exception {
        try (GgufFile source = GgufFile.open(write("source.gguf", GgmlType.F32, 2));
                GgufFile smaller = GgufFile.open(write("smaller.gguf", GgmlType.F16, 1.5f));
                WorkerTeam team = new WorkerTeam(2)) {
            List<TensorError> errors = TensorErrors.compare(source, smaller, team);
            // Only the tensor of another type: its weights are 2, and each lost 0.5.
            assertEquals(List.of(new TensorError("b", "F16", COLUMNS * ROWS, 2, 0.5)), errors);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "a mapped file cannot be cut off there")
    void theFileThatIsCutOffIsNamed(boolean first) throws Exception {
        Path original = write("source.gguf", GgmlType.F32, 2);
        Path quantized = write("smaller.gguf", GgmlType.F16, 1.5f);
        Path cut = first ? original : quantized;
        try (GgufFile source = GgufFile.open(original);
                GgufFile smaller = GgufFile.open(quantized);
                WorkerTeam team = new WorkerTeam(2)) {
            try (FileChannel channel = FileChannel.open(cut, StandardOpenOption.WRITE)) {
                channel.truncate(5000);
            }
            GgufFormatException error =
                    assertThrows(GgufFormatException.class, () -> TensorErrors.compare(source, smaller, team));
            assertTrue(error.getMessage().startsWith(cut + ": "), error::getMessage);
        }
    }
}
