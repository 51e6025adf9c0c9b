package dev.skald.gguf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Files that llama.cpp wrote can be opened, and have the values that are known of them. */
class GoldenFilesTest {
    @TempDir
    Path folder;

    static Stream<Named<Path>> models() throws IOException {
        List<Path> models = GoldenFolder.models();
        // Without the folder there is one case, which is skipped and reported; JUnit refuses a test without cases.
        return models.isEmpty()
                ? Stream.of(Named.of("no golden files", null))
                : models.stream().map(file -> Named.of(file.getFileName().toString(), file));
    }

    @ParameterizedTest
    @MethodSource("models")
    void everyValueAndEveryByteIsWhatANaiveReaderFinds(Path file) throws IOException {
        Assumptions.assumeTrue(file != null, "no golden files");
        try (GgufFile gguf = GgufFile.open(file)) {
            assertEquals(3, gguf.version());
            assertEquals(32, gguf.alignment());
            assertEquals(Files.size(file), gguf.bytes());
            NaiveReader naive = new NaiveReader(Files.readAllBytes(file));
            assertEquals(naive.keys, Everything.keys(gguf));
            assertEquals(naive.tensors, Everything.tensors(gguf));
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void aCopyIsTheSameToTheByte(Path file) throws IOException {
        Assumptions.assumeTrue(file != null, "no golden files");
        Path copy = folder.resolve("copy.gguf");
        try (GgufFile gguf = GgufFile.open(file);
                GgufWriter writer = GgufWriter.create(copy)) {
            GgufMetadata metadata = gguf.metadata();
            for (String key : metadata.keys()) {
                writer.put(key, metadata.type(key), metadata.get(key));
            }
            for (TensorInfo tensor : gguf.tensors()) {
                long[] shape =
                        tensor.shape().stream().mapToLong(Long::longValue).toArray();
                writer.tensor(tensor.name(), tensor.type(), shape);
            }
            for (TensorInfo tensor : gguf.tensors()) {
                writer.data(tensor.name(), gguf.data(tensor));
            }
            writer.commit();
        }
        // gguf-py leaves out the padding before a data section that is empty, llama.cpp does not.
        byte[] original = Files.readAllBytes(file);
        assertArrayEquals(Arrays.copyOf(original, (original.length + 31) / 32 * 32), Files.readAllBytes(copy));
    }

    @Test
    void theVocabularyOfLlama3() throws IOException {
        try (GgufFile gguf = GgufFile.open(GoldenFolder.file("golden/vocab/ggml-vocab-llama-bpe.gguf"))) {
            GgufMetadata metadata = gguf.metadata();
            assertTrue(gguf.tensors().isEmpty());
            assertEquals("llama", metadata.getString("general.architecture"));
            assertEquals("gpt2", metadata.getString("tokenizer.ggml.model"));
            assertEquals("llama-bpe", metadata.getString("tokenizer.ggml.pre"));
            assertEquals(128_000, metadata.getInt("tokenizer.ggml.bos_token_id"));
            List<String> tokens = metadata.getStrings("tokenizer.ggml.tokens");
            assertEquals(128_256, tokens.size());
            assertEquals("!", tokens.getFirst());
            assertEquals("<|begin_of_text|>", tokens.get(128_000));
            assertEquals(128_256, metadata.getInts("tokenizer.ggml.token_type").length);
            assertEquals("Ġ Ġ", metadata.getStrings("tokenizer.ggml.merges").getFirst());
        }
    }

    @Test
    void theTensorsOfStories260k() throws IOException {
        try (GgufFile gguf = GgufFile.open(GoldenFolder.file("models/stories260K-Q8_0.gguf"))) {
            TensorInfo embedding = gguf.tensor("token_embd.weight").orElseThrow();
            assertEquals(GgmlType.Q8_0, embedding.type());
            assertEquals(List.of(64L, 512L), embedding.shape());
            assertEquals(512 * 2 * 34, embedding.bytes());
            assertEquals(embedding.bytes(), gguf.data(embedding).byteSize());
            assertEquals(64, gguf.metadata().getInt("llama.embedding_length"));
        }
    }
}
