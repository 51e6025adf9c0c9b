package dev.skald.gguf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GgufWriterTest {
    @TempDir
    Path folder;

    @Test
    void whatIsWrittenIsRead() throws Exception {
        Path file = folder.resolve("tiny.gguf");
        float[] weights = {1, 2, 3, 4, 5, 6};
        try (GgufWriter writer = GgufWriter.create(file)) {
            writer.put("general.architecture", "llama").putUint32("llama.block_count", 2);
            writer.put("tokenizer.ggml.tokens", List.of("a", "ø", "🎉"));
            writer.tensor("a", GgmlType.F32, 3, 2).tensor("b", GgmlType.Q4_0, 32);
            writer.data("a", MemorySegment.ofArray(weights));
            writer.append("b", MemorySegment.ofArray(new byte[7]));
            writer.append("b", MemorySegment.ofArray(new byte[11]));
            writer.commit();
        }
        try (GgufFile gguf = GgufFile.open(file)) {
            assertEquals(2, gguf.metadata().getInt("llama.block_count"));
            assertEquals(List.of("a", "ø", "🎉"), gguf.metadata().getStrings("tokenizer.ggml.tokens"));
            TensorInfo a = gguf.tensor("a").orElseThrow();
            assertEquals(2, a.rows());
            assertArrayEquals(weights, gguf.data(a).toArray(ValueLayout.JAVA_FLOAT));
        }
        assertEquals(List.of(file), Files.list(folder).toList());
    }
}
