package dev.skald.runtime.convert;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.gguf.GgufFormatException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsTest {
    @TempDir
    private Path folder;

    private String message(byte[] bytes) throws IOException {
        Path file = folder.resolve("model.safetensors");
        Files.write(file, bytes);
        String message = assertThrows(GgufFormatException.class, () -> Safetensors.open(file))
                .getMessage();
        assertTrue(message.startsWith(file.toString()), message);
        return message;
    }

    /** Each header with eight bytes of data, and what the message must say. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,12]}} | from 0 to 12",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}} | from 8 to 0",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}} | takes 8 bytes",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"b\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[2,6]}} | overlap",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}} | occurs twice",
                "{\"a\":{\"dtype\":\"Q9\",\"shape\":[2],\"data_offsets\":[0,8]}} | type Q9",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}} | element -2",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,8]}} | more than",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,8]}} | element 1.5",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1,1,1,1,1,1,1,1,2],\"data_offsets\":[0,8]}} | at most 8 sizes",
                "{\"a\":[1]} | no description",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":\"x\",\"data_offsets\":[0,8]}} | list of integers",
                "[1] | not an object",
                "{\"a\" | not JSON"
            })
    void refusesAHeader(String header, String wanted) throws IOException {
        String message = message(TinyModel.file(header, new byte[8]));
        assertTrue(message.contains(wanted), message);
    }

    @Test
    void refusesAHeaderThatIsTooDeepOrTooLongOrCutOff() throws IOException {
        assertTrue(message(TinyModel.file("{\"a\":" + "[".repeat(100_000), new byte[0]))
                .contains("deep"));
        assertTrue(message(new byte[3]).contains("has 3 bytes"));
        assertTrue(
                message(new byte[] {-1, -1, -1, -1, -1, -1, -1, -1, '{', '}'}).contains("18446744073709551615"));
        byte[] whole = TinyModel.safetensors(Map.of("a", new TinyModel.Tensor("F32", List.of(4L, 4L))));
        for (int length = 0; length < whole.length; length += 7) {
            message(java.util.Arrays.copyOf(whole, length));
        }
    }

    /** Any tensors come back as they were written. */
    @Property(tries = 50)
    void readsWhatIsThere(@ForAll @Size(min = 1, max = 5) List<@IntRange(min = 1, max = 40) Integer> rows)
            throws IOException {
        Map<String, TinyModel.Tensor> tensors = new LinkedHashMap<>();
        String[] types = {"F32", "F16", "BF16"};
        for (int i = 0; i < rows.size(); i++) {
            tensors.put("t" + i, new TinyModel.Tensor(types[i % 3], List.of((long) rows.get(i), 5L)));
        }
        Path file = Files.createTempFile("property", ".safetensors");
        try {
            Files.write(file, TinyModel.safetensors(tensors));
            try (Safetensors read = Safetensors.open(file)) {
                assertEquals(tensors.keySet(), read.entries().keySet());
                for (Safetensors.Entry entry : read.entries().values()) {
                    Weight weight = Weight.of(read, entry);
                    byte[] wanted = TinyModel.data(entry.name(), tensors.get(entry.name()));
                    byte[] pieces = new byte[wanted.length];
                    // In pieces that end anywhere in a row.
                    for (int at = 0; at < pieces.length; at += 7) {
                        MemorySegment piece =
                                MemorySegment.ofArray(pieces).asSlice(at, Math.min(7, pieces.length - at));
                        weight.read(at, piece);
                    }
                    assertArrayEquals(wanted, pieces);
                    byte[] twice = new byte[wanted.length];
                    weight.transposed().transposed().read(0, MemorySegment.ofArray(twice));
                    assertArrayEquals(wanted, twice);
                }
            }
        } finally {
            Files.delete(file);
        }
    }

    @Test
    void readsFloatsOfEightBitsTimesTheirFactors() throws IOException {
        // 1.0, -2.0, the smallest (2^-9), the largest (448); by the table of the format.
        byte[] codes = {0x38, (byte) 0xC0, 0x01, 0x7E};
        byte[] factors = new byte[8];
        MemorySegment.ofArray(factors).set(ValueLayout.JAVA_FLOAT_UNALIGNED, 0, 2);
        MemorySegment.ofArray(factors).set(ValueLayout.JAVA_FLOAT_UNALIGNED, 4, 0.5f);
        byte[] data = java.util.Arrays.copyOf(codes, 12);
        System.arraycopy(factors, 0, data, 4, 8);
        Path file = folder.resolve("f8.safetensors");
        Files.write(
                file,
                TinyModel.file(
                        "{\"w\":{\"dtype\":\"F8_E4M3\",\"shape\":[2,2],\"data_offsets\":[0,4]},"
                                + "\"s\":{\"dtype\":\"F32\",\"shape\":[2,1],\"data_offsets\":[4,12]}}",
                        data));
        try (Safetensors read = Safetensors.open(file)) {
            Weight weight = Weight.of(read, read.entries().get("w"));
            Weight scaled = weight.scaled(Weight.of(read, read.entries().get("s")), 1, 2);
            float[] found = new float[4];
            scaled.read(0, MemorySegment.ofArray(found));
            assertArrayEquals(new float[] {2, -4, 0x1p-10f, 224}, found);
        }
        assertEquals(Float.float16ToFloat((short) 0x3C00), Float8.e5m2((byte) 0x3C));
    }
}
