package dev.skald.gguf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The typed getters, each called for a key of every type. */
class GgufMetadataTest {
    @TempDir
    Path folder;

    private GgufFile file;
    private GgufMetadata metadata;

    @BeforeEach
    void open() throws Exception {
        RawGguf raw = RawGguf.header(0, 22)
                .key("u8", GgufValueType.UINT8)
                .u8(200)
                .key("i8", GgufValueType.INT8)
                .u8(-5)
                .key("u16", GgufValueType.UINT16)
                .bytes((byte) 0x40, (byte) 0x9C)
                .key("i16", GgufValueType.INT16)
                .bytes((byte) 0xD4, (byte) 0xFE)
                .key("u32", GgufValueType.UINT32)
                .u32(-294_967_296)
                .key("i32", GgufValueType.INT32)
                .u32(-70_000)
                .key("u64", GgufValueType.UINT64)
                .u64(-1)
                .key("u64small", GgufValueType.UINT64)
                .u64(12)
                .key("i64", GgufValueType.INT64)
                .u64(Long.MIN_VALUE)
                .key("f32", GgufValueType.FLOAT32)
                .u32(0x3FC00000)
                .key("f64", GgufValueType.FLOAT64)
                .u64(0x3FB999999999999AL)
                .key("yes", GgufValueType.BOOL)
                .u8(1)
                .key("no", GgufValueType.BOOL)
                .u8(0)
                .key("text", GgufValueType.STRING)
                .string("blåbærsyltetøy 🫐")
                .array("words", GgufValueType.STRING, 2)
                .string("å")
                .string("")
                .array("ints", GgufValueType.INT32, 2)
                .u32(-1)
                .u32(7)
                .array("bytes", GgufValueType.UINT8, 3)
                .bytes((byte) 255, (byte) 0, (byte) 1)
                .array("floats", GgufValueType.FLOAT32, 2)
                .u32(0x3FC00000)
                .u32(0xFF800000)
                .array("bools", GgufValueType.BOOL, 2)
                .u8(0)
                .u8(1)
                .array("empty", GgufValueType.STRING, 0)
                .array("wide", GgufValueType.UINT64, 2)
                .u64(1L << 31)
                .u64(-1)
                .array("nested", GgufValueType.ARRAY, 2)
                .u32(GgufValueType.STRING.id())
                .u64(1)
                .string("x")
                .u32(GgufValueType.INT8.id())
                .u64(2)
                .u8(1)
                .u8(-1);
        file = GgufFile.open(raw.write(folder.resolve("keys.gguf")));
        metadata = file.metadata();
    }

    @AfterEach
    void close() {
        file.close();
    }

    @Test
    void keysComeInTheFilesOrder() {
        assertEquals(
                List.of("u8", "i8", "u16", "i16", "u32", "i32"),
                metadata.keys().stream().limit(6).toList());
        assertEquals(22, metadata.keys().size());
        assertThrows(UnsupportedOperationException.class, () -> metadata.keys().remove("u8"));
        assertTrue(metadata.contains("u8"));
        assertFalse(metadata.contains("u128"));
    }

    static Stream<Arguments> objects() {
        return Stream.of(
                Arguments.of("u8", GgufValueType.UINT8, 200L),
                Arguments.of("i8", GgufValueType.INT8, -5L),
                Arguments.of("u16", GgufValueType.UINT16, 40_000L),
                Arguments.of("i16", GgufValueType.INT16, -300L),
                Arguments.of("u32", GgufValueType.UINT32, 4_000_000_000L),
                Arguments.of("i32", GgufValueType.INT32, -70_000L),
                Arguments.of("u64", GgufValueType.UINT64, new BigInteger("18446744073709551615")),
                Arguments.of("u64small", GgufValueType.UINT64, 12L),
                Arguments.of("i64", GgufValueType.INT64, Long.MIN_VALUE),
                Arguments.of("f32", GgufValueType.FLOAT32, 1.5f),
                Arguments.of("f64", GgufValueType.FLOAT64, 0.1),
                Arguments.of("yes", GgufValueType.BOOL, true),
                Arguments.of("no", GgufValueType.BOOL, false),
                Arguments.of("text", GgufValueType.STRING, "blåbærsyltetøy 🫐"));
    }

    @ParameterizedTest
    @MethodSource("objects")
    void everyTypeAsAnObject(String key, GgufValueType type, Object value) {
        assertEquals(type, metadata.type(key));
        assertEquals(value, metadata.get(key));
    }

    @ParameterizedTest
    @CsvSource({"u8,200", "i8,-5", "u16,40000", "i16,-300", "i32,-70000", "u64small,12"})
    void anyIntegerThatFitsIsAnInt(String key, int value) {
        assertEquals(value, metadata.getInt(key));
        assertEquals(value, metadata.getLong(key));
        assertEquals((float) value, metadata.getFloat(key));
        assertEquals(value, metadata.getInt(key, 1));
        assertEquals(value, metadata.getLong(key, 1));
    }

    @Test
    void theOtherTypes() {
        assertEquals(4_000_000_000L, metadata.getLong("u32"));
        assertEquals(4e9, metadata.getDouble("u32"));
        assertEquals(1.5f, metadata.getFloat("f32"));
        assertEquals(1.5, metadata.getDouble("f32"));
        assertEquals(0.1, metadata.getDouble("f64"));
        assertEquals(0.1f, metadata.getFloat("f64"));
        assertEquals(0x1p64, metadata.getDouble("u64"));
        assertTrue(metadata.getBoolean("yes"));
        assertFalse(metadata.getBoolean("no"));
        assertEquals("blåbærsyltetøy 🫐", metadata.getString("text"));
    }

    @Test
    void fallbacksWhereTheKeyIsMissing() {
        assertEquals(3, metadata.getInt("none", 3));
        assertEquals(4L, metadata.getLong("none", 4));
        assertEquals(5f, metadata.getFloat("none", 5));
        assertEquals(6.0, metadata.getDouble("none", 6));
        assertTrue(metadata.getBoolean("none", true));
        assertEquals("7", metadata.getString("none", "7"));
        assertEquals("blåbærsyltetøy 🫐", metadata.getString("text", "7"));
    }

    /** Long arrays are copied piece by piece, and some of these strings do not fit into a piece. */
    @ParameterizedTest
    @ValueSource(ints = {255, 256, 257, 4095, 4096, 4097, 10_000})
    void longArrays(int length) throws IOException {
        int[] ints = IntStream.range(0, length).map(i -> i * -7).toArray();
        float[] floats = new float[length];
        List<String> words = new ArrayList<>();
        for (int i = 0; i < length; i++) {
            floats[i] = i / 3f;
            words.add("blåbær🫐".repeat(i == length / 2 ? 2000 : i % 5) + i);
        }
        Path file = folder.resolve("long.gguf");
        try (GgufWriter writer = GgufWriter.create(file)) {
            writer.put("ints", ints);
            writer.put("floats", floats);
            writer.put("words", words);
            writer.commit();
        }
        try (GgufFile opened = GgufFile.open(file)) {
            GgufMetadata metadata = opened.metadata();
            assertArrayEquals(ints, metadata.getInts("ints"));
            assertArrayEquals(floats, metadata.getFloats("floats"));
            List<String> strings = metadata.getStrings("words");
            List<String> inOrder = new ArrayList<>();
            strings.iterator().forEachRemaining(inOrder::add);
            assertEquals(words, inOrder);
            assertEquals(words.get(length - 1), strings.get(length - 1));
            Iterator<String> ended = strings.iterator();
            words.forEach(word -> ended.next());
            assertFalse(ended.hasNext());
            assertThrows(NoSuchElementException.class, ended::next);
        }
    }

    @Test
    void arrays() {
        assertEquals(List.of("å", ""), metadata.getStrings("words"));
        assertEquals(List.of(), metadata.getStrings("empty"));
        assertArrayEquals(new int[] {-1, 7}, metadata.getInts("ints"));
        assertArrayEquals(new int[] {255, 0, 1}, metadata.getInts("bytes"));
        assertArrayEquals(new float[] {1.5f, Float.NEGATIVE_INFINITY}, metadata.getFloats("floats"));
        assertArrayEquals(new float[] {-1, 7}, metadata.getFloats("ints"));
        GgufArray bools = metadata.getArray("bools");
        assertEquals(GgufValueType.BOOL, bools.elementType());
        assertEquals(2, bools.size());
        assertEquals(List.of(false, true), List.of(bools.get(0), bools.get(1)));
        assertEquals("BOOL[2]", bools.toString());
        GgufArray nested = assertInstanceOf(GgufArray.class, metadata.get("nested"));
        assertEquals("x", assertInstanceOf(GgufArray.class, nested.get(0)).getString(0));
        assertEquals(-1, assertInstanceOf(GgufArray.class, nested.get(1)).getLong(1));
        assertEquals(1L << 31, metadata.getArray("wide").getLong(0));
        assertEquals(
                new BigInteger("18446744073709551615"),
                metadata.getArray("wide").get(1));
    }

    @ParameterizedTest
    @CsvSource({"-1", "2", "9223372036854775807"})
    void elementsOutOfBounds(long i) {
        IndexOutOfBoundsException error = assertThrows(
                IndexOutOfBoundsException.class,
                () -> metadata.getArray("words").get(i));
        assertTrue(error.getMessage().contains("'words'") && error.getMessage().contains(i + " of 2"));
    }

    record Refusal(String name, Consumer<GgufMetadata> call, List<String> says) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Refusal no(String name, Consumer<GgufMetadata> call, String... says) {
        return new Refusal(name, call, List.of(says));
    }

    static Stream<Refusal> refusals() {
        return Stream.of(
                no("missing", m -> m.getInt("none"), "'none'", "no key", "-2147483648 to 2147483647"),
                no("missing text", m -> m.getString("none"), "'none'", "no key", "STRING"),
                no("missing number", m -> m.getFloat("none"), "'none'", "a number"),
                no("missing array", m -> m.getStrings("none"), "'none'", "ARRAY"),
                no("missing object", m -> m.get("none"), "'none'", "no key"),
                no("missing type", m -> m.type("none"), "'none'", "no key"),
                no("int too large", m -> m.getInt("u32"), "'u32'", "2147483647", "UINT32 4000000000"),
                no("long too large", m -> m.getLong("u64"), "'u64'", "UINT64 18446744073709551615"),
                no("int from a float", m -> m.getInt("f32"), "'f32'", "wanted an integer", "FLOAT32 1.5"),
                no("int from a boolean", m -> m.getInt("yes"), "'yes'", "BOOL true"),
                no("int from a text", m -> m.getInt("text", 1), "'text'", "found STRING"),
                no("float from a text", m -> m.getFloat("text"), "'text'", "wanted a number", "found STRING"),
                no("float from a boolean", m -> m.getFloat("no"), "'no'", "BOOL false"),
                no("boolean from an integer", m -> m.getBoolean("u8"), "'u8'", "wanted BOOL", "UINT8 200"),
                no("text from an integer", m -> m.getString("i8"), "'i8'", "wanted STRING", "INT8 -5"),
                no("text from an array", m -> m.getString("words", ""), "'words'", "found STRING[2]"),
                no("array from a text", m -> m.getStrings("text"), "'text'", "wanted ARRAY", "found STRING"),
                no("strings from integers", m -> m.getStrings("ints"), "'ints'", "strings", "INT32[2]"),
                no("ints from strings", m -> m.getInts("words"), "'words'", "integers", "STRING[2]"),
                no("ints from floats", m -> m.getInts("floats"), "'floats'", "integers", "FLOAT32[2]"),
                no("ints too large", m -> m.getInts("wide"), "'wide'", "element 0 is 2147483648", "2147483647"),
                no("floats from strings", m -> m.getFloats("words"), "'words'", "numbers", "STRING[2]"),
                no("floats from booleans", m -> m.getFloats("bools"), "'bools'", "numbers", "BOOL[2]"),
                no(
                        "element too large",
                        m -> m.getArray("wide").getLong(1),
                        "'wide'",
                        "element 1",
                        "18446744073709551615"),
                no("element no text", m -> m.getArray("ints").getString(0), "'ints'", "strings", "INT32[2]"),
                no("element no integer", m -> m.getArray("words").getLong(0), "'words'", "integers", "STRING[2]"),
                no("element no number", m -> m.getArray("words").getFloat(0), "'words'", "numbers", "STRING[2]"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void refusals(Refusal refusal) {
        Executable call = () -> refusal.call.accept(metadata);
        GgufFormatException error = assertThrows(GgufFormatException.class, call);
        assertTrue(error.getMessage().startsWith(file.path() + ": "), error.getMessage());
        for (String fragment : refusal.says) {
            assertTrue(error.getMessage().contains(fragment), fragment + " is not in: " + error.getMessage());
        }
    }

    @Test
    void aHostileKeyIsShownHarmlessAndShort() throws Exception {
        String key = "\u001b[31m\u202e" + "k".repeat(1000);
        Path bad = RawGguf.header(0, 1).key(key, GgufValueType.BOOL).u8(9).write(folder.resolve("bad.gguf"));
        GgufFormatException error = assertThrows(GgufFormatException.class, () -> GgufFile.open(bad));
        assertTrue(error.getMessage().contains("'\\u001b[31m\\u202ekkk"), error.getMessage());
        assertTrue(error.getMessage().length() < 300 + bad.toString().length(), error.getMessage());
    }
}
