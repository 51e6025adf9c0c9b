package dev.skald.gguf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class GgmlTypeTest {
    static Stream<String> golden() throws IOException {
        return index().map(node -> StreamSupport.stream(node.get("types").spliterator(), false)
                        .map(type -> type.get("type").asText()))
                .orElse(Stream.of("no golden files"));
    }

    private static Optional<JsonNode> index() throws IOException {
        Path file = GoldenFolder.path("golden/quant/index.json");
        return Files.exists(file) ? Optional.of(new ObjectMapper().readTree(file.toFile())) : Optional.empty();
    }

    @ParameterizedTest
    @MethodSource("golden")
    void agreesWithGgml(String name) throws IOException {
        Optional<JsonNode> index = index();
        Assumptions.assumeTrue(index.isPresent(), "no golden files");
        JsonNode wanted = StreamSupport.stream(index.get().get("types").spliterator(), false)
                .filter(node -> node.get("type").asText().equals(name))
                .findFirst()
                .orElseThrow();
        GgmlType type = GgmlType.valueOf(name.toUpperCase(Locale.ROOT));
        assertEquals(wanted.get("id").asInt(), type.id());
        assertEquals(wanted.get("block").asInt(), type.blockElements());
        assertEquals(wanted.get("block_bytes").asInt(), type.blockBytes());
        long elements =
                index.get().get("rows").asLong() * index.get().get("cols").asLong();
        assertEquals(wanted.get("bytes").asLong(), type.bytes(elements));
        assertEquals(Files.size(GoldenFolder.path("golden/quant/" + name + ".bin")), type.bytes(elements));
    }

    @ParameterizedTest
    @EnumSource
    void isFoundByItsId(GgmlType type) {
        assertEquals(Optional.of(type), GgmlType.ofId(type.id()));
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 4, 5, 31, 32, 33, 36, 37, 38, 43, 64, Integer.MAX_VALUE, Integer.MIN_VALUE})
    void noTypeInUseHasThisId(int id) {
        assertEquals(Optional.empty(), GgmlType.ofId(id));
    }

    @Test
    void bytesOfElements() {
        assertEquals(0, GgmlType.Q4_K.bytes(0));
        assertEquals(144, GgmlType.Q4_K.bytes(256));
        assertEquals(4.5, GgmlType.Q4_K.bitsPerWeight());
        assertEquals(16, GgmlType.BF16.bitsPerWeight());
    }

    @ParameterizedTest
    @ValueSource(longs = {-256, 1, 255, 257})
    void noWholeNumberOfBlocks(long elements) {
        IllegalArgumentException error =
                assertThrows(IllegalArgumentException.class, () -> GgmlType.Q4_K.bytes(elements));
        assertTrue(error.getMessage().contains(Long.toString(elements)), error.getMessage());
        assertTrue(error.getMessage().contains("Q4_K blocks of 256"), error.getMessage());
    }

    @Test
    void bytesBeyondALong() {
        assertThrows(ArithmeticException.class, () -> GgmlType.F64.bytes(Long.MAX_VALUE));
    }
}
