package dev.skald.kernels.format;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.skald.gguf.GgufFile;
import dev.skald.gguf.GgufFormatException;
import dev.skald.gguf.GgufWriter;
import dev.skald.gguf.TensorInfo;
import dev.skald.kernels.ChildJvm;
import dev.skald.kernels.Samples;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Decodes blocks of a mapped file that is cut off after the decoders were compiled, in a JVM of its own, which may crash. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "a mapped file cannot be cut off there")
class MappedBlocksTest {
    private static final int COLUMNS = 256;
    private static final int ROWS = 64;

    @TempDir
    Path folder;

    @Test
    void everyFormatThrowsWhatNamesTheFile() throws Exception {
        Path file = folder.resolve("all.gguf");
        try (GgufWriter writer = GgufWriter.create(file)) {
            for (QuantFormat format : QuantFormats.all()) {
                writer.tensor(format.toString(), format.type(), COLUMNS, ROWS);
            }
            for (QuantFormat format : QuantFormats.all()) {
                writer.data(format.toString(), Samples.blocks(format, ROWS, COLUMNS, 1));
            }
            writer.commit();
        }
        // Early compilation by C2, so that a few thousand rows are enough.
        ChildJvm child = ChildJvm.run(
                Decodes.class, List.of("-XX:-TieredCompilation", "-XX:CompileThreshold=200"), file.toString());
        List<String> expected =
                QuantFormats.all().stream().map(format -> format + ": named").toList();
        assertEquals(String.join("\n", expected), String.join("\n", child.out()));
        assertEquals(0, child.exit());
    }

    /** Decodes all tensors until their decoders are compiled, cuts the file off, and decodes once more. */
    static final class Decodes {
        private Decodes() {}

        public static void main(String[] args) throws IOException {
            Path file = Path.of(args[0]);
            try (GgufFile gguf = GgufFile.open(file)) {
                for (int i = 0; i < 20; i++) {
                    gguf.tensors().forEach(tensor -> decode(gguf, tensor));
                }
                try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                    channel.truncate(0);
                }
                for (TensorInfo tensor : gguf.tensors()) {
                    String said = "nothing";
                    try {
                        gguf.reading(() -> decode(gguf, tensor));
                    } catch (GgufFormatException e) {
                        said = e.getMessage().startsWith(file + ": ") ? "named" : e.getMessage();
                    }
                    System.out.println(tensor.name() + ": " + said);
                }
            }
        }

        private static float decode(GgufFile gguf, TensorInfo tensor) {
            QuantFormat format = QuantFormats.of(tensor.type());
            MemorySegment data = gguf.data(tensor);
            float[] row = new float[COLUMNS];
            float sum = 0;
            for (int r = 0; r < ROWS; r++) {
                format.decode(data, r * format.type().bytes(COLUMNS), row, 0, COLUMNS);
                sum += row[r];
            }
            return sum;
        }
    }
}
