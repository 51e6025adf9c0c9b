package dev.skald.gguf;

import static dev.skald.gguf.GgufValueType.ARRAY;
import static dev.skald.gguf.GgufValueType.FLOAT32;
import static dev.skald.gguf.GgufValueType.INT8;
import static dev.skald.gguf.GgufValueType.STRING;
import static dev.skald.gguf.GgufValueType.UINT16;
import static dev.skald.gguf.GgufValueType.UINT32;
import static dev.skald.gguf.GgufValueType.UINT64;
import static dev.skald.gguf.GgufValueType.UINT8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class GgufWriterTest {
    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void name() {
        file = folder.resolve("model.gguf");
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    private static MemorySegment bytes(int count) {
        return MemorySegment.ofArray(new byte[count]);
    }

    /** The bytes are written by hand, after the specification. */
    @Test
    void theBytesAreTheSpecifications() throws Exception {
        try (GgufWriter writer = GgufWriter.create(file)) {
            writer.put("general.architecture", "llama")
                    .putUint32("llama.block_count", 2)
                    .put("f", 1.5f)
                    .put("words", List.of("å", ""))
                    .put("ints", new int[] {-1, 7});
            writer.tensor("a", GgmlType.F32, 3, 2).tensor("b", GgmlType.Q4_0, 32);
            writer.data("a", MemorySegment.ofArray(new float[] {1, 1, 1, 1, 1, 1}));
            writer.data("b", bytes(18));
            writer.commit();
        }
        RawGguf raw = RawGguf.header(2, 5)
                .key("general.architecture", STRING)
                .string("llama")
                .uint32("llama.block_count", 2)
                .key("f", FLOAT32)
                .u32(0x3FC00000)
                .array("words", STRING, 2)
                .string("å")
                .string("")
                .array("ints", GgufValueType.INT32, 2)
                .u32(-1)
                .u32(7)
                .tensor("a", GgmlType.F32, 0, 3, 2)
                .tensor("b", GgmlType.Q4_0, 32, 32)
                .pad(32);
        for (int i = 0; i < 6; i++) {
            raw.u32(0x3F800000);
        }
        raw.pad(32).zeros(18).pad(32);
        assertArrayEquals(raw.toBytes(), Files.readAllBytes(file));
    }

    @Test
    void nothingIsSeenUnderTheNameBeforeTheCommit() throws Exception {
        Files.writeString(file, "before");
        try (GgufWriter writer = GgufWriter.replace(file)) {
            writer.tensor("a", GgmlType.I8, 1);
            writer.data("a", bytes(1));
            assertEquals("before", Files.readString(file));
            assertEquals(2, files().size());
            assertTrue(files().getLast().endsWith(".part"), files().toString());
            writer.commit();
            assertEquals(List.of("model.gguf"), files());
        }
        GgufFile.open(file).close();
    }

    @Test
    void aFileThatIsThereIsRefused() throws Exception {
        Files.writeString(file, "before");
        assertThrows(FileAlreadyExistsException.class, () -> GgufWriter.create(file));
        assertEquals("before", Files.readString(file));
        assertEquals(List.of("model.gguf"), files());
    }

    @Test
    void closeWithoutCommitLeavesNothing() throws Exception {
        GgufWriter writer = GgufWriter.create(file);
        writer.tensor("a", GgmlType.I8, 1);
        writer.data("a", bytes(1));
        writer.close();
        writer.close();
        assertEquals(List.of(), files());
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "Windows does not replace a mapped file")
    void aFileThatIsReadWhileItIsReplacedStaysWhatItWas() throws Exception {
        one("a", 1);
        try (GgufFile before = GgufFile.open(file)) {
            one("b", 1);
            assertEquals("a", before.tensors().getFirst().name());
            try (GgufFile after = GgufFile.open(file)) {
                assertEquals("b", after.tensors().getFirst().name());
            }
        }
    }

    private void one(String tensor, int size) throws IOException {
        try (GgufWriter writer = GgufWriter.replace(file)) {
            writer.tensor(tensor, GgmlType.I8, size);
            writer.data(tensor, bytes(size));
            writer.commit();
        }
    }

    @Test
    void aFailedWriteLeavesTheOldFileAndNothingElse() throws Exception {
        Files.writeString(file, "before");
        GgufWriter writer = GgufWriter.replace(file);
        writer.tensor("a", GgmlType.I8, 8 << 20);
        // An interrupt closes the channel during a write. It is the only failure of writing that a test can cause.
        Thread.currentThread().interrupt();
        assertThrows(ClosedByInterruptException.class, () -> writer.data("a", bytes(8 << 20)));
        assertTrue(Thread.interrupted());
        assertThrows(IllegalStateException.class, writer::commit);
        writer.close();
        assertEquals(List.of("model.gguf"), files());
        assertEquals("before", Files.readString(file));
    }

    @Test
    void dataThatCannotBeReadSpoilTheFile() throws Exception {
        try (GgufWriter writer = GgufWriter.create(file)) {
            writer.tensor("a", GgmlType.I8, 8);
            MemorySegment closed;
            try (Arena arena = Arena.ofConfined()) {
                closed = arena.allocate(8);
            }
            assertThrows(IllegalStateException.class, () -> writer.data("a", closed));
            IllegalStateException error = assertThrows(IllegalStateException.class, () -> writer.data("a", bytes(8)));
            assertTrue(error.getMessage().contains("earlier write"), error.getMessage());
            assertThrows(IllegalStateException.class, writer::commit);
        }
        assertEquals(List.of(), files());
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "links need a privilege there")
    void throughASymbolicLink() throws Exception {
        Path store = Files.createDirectory(folder.resolve("store"));
        Path real = Files.writeString(store.resolve("real.gguf"), "before");
        Files.createSymbolicLink(file, real);
        one("a", 1);
        assertTrue(Files.isSymbolicLink(file));
        GgufFile.open(real).close();
    }

    @Test
    void noSuchFolder() {
        Path nowhere = folder.resolve("none").resolve("model.gguf");
        NoSuchFileException error = assertThrows(NoSuchFileException.class, () -> GgufWriter.create(nowhere));
        assertTrue(error.getMessage().contains("model.gguf"), error.getMessage());
    }

    @Test
    void aFolderIsNoTarget() {
        FileSystemException error = assertThrows(FileSystemException.class, () -> GgufWriter.create(folder));
        assertTrue(error.getMessage().contains("is a folder"), error.getMessage());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 4096, 1 << 20, (1 << 20) + 1})
    void inChunksOfAnySize(int chunk) throws Exception {
        int size = 3_000_001;
        byte[] data = new byte[size];
        for (int i = 0; i < size; i++) {
            data[i] = (byte) (i * 31 + (i >> 11));
        }
        int step = Math.max(chunk, size / 10_000);
        try (GgufWriter writer = GgufWriter.create(file)) {
            writer.tensor("a", GgmlType.I8, size).tensor("b", GgmlType.I8, 1);
            for (int from = 0; from < size; from += step) {
                writer.append("a", MemorySegment.ofArray(data).asSlice(from, Math.min(step, size - from)));
            }
            writer.data("b", bytes(1));
            writer.commit();
        }
        try (GgufFile gguf = GgufFile.open(file)) {
            assertEquals(
                    ByteBuffer.wrap(data), Everything.tensors(gguf).getFirst().data());
        }
    }

    @Test
    void aLargeTensorNeedsNoMoreHeapThanASmallOne() throws Exception {
        int chunks = 64;
        MemorySegment chunk = bytes(1 << 20);
        long allocated = BombTest.allocated(() -> {
            try (GgufWriter writer = GgufWriter.create(file)) {
                writer.tensor("a", GgmlType.I8, (long) chunks << 20);
                for (int i = 0; i < chunks; i++) {
                    writer.append("a", chunk);
                }
                writer.commit();
            }
        });
        assertTrue(allocated < 1 << 20, allocated + " bytes allocated");
        assertTrue(Files.size(file) > (long) chunks << 20);
    }

    @Test
    void dataFromAnyKindOfMemory() throws Exception {
        try (GgufWriter writer = GgufWriter.create(file);
                Arena arena = Arena.ofConfined()) {
            writer.tensor("floats", GgmlType.F32, 2)
                    .tensor("shorts", GgmlType.I16, 2)
                    .tensor("native", GgmlType.I64, 1)
                    .tensor("direct", GgmlType.I8, 3);
            writer.data("floats", MemorySegment.ofArray(new float[] {1, 2}));
            writer.data("shorts", MemorySegment.ofArray(new short[] {3, 4}));
            writer.data("native", arena.allocateFrom(ValueLayout.JAVA_LONG, 5));
            writer.data(
                    "direct",
                    MemorySegment.ofBuffer(ByteBuffer.allocateDirect(3).put(1, (byte) 6)));
            writer.commit();
        }
        try (GgufFile gguf = GgufFile.open(file)) {
            List<NaiveReader.Tensor> tensors = Everything.tensors(gguf);
            assertEquals(
                    ByteBuffer.wrap(new byte[] {0, 0, (byte) 0x80, 0x3F, 0, 0, 0, 0x40}),
                    tensors.get(0).data());
            assertEquals(
                    ByteBuffer.wrap(new byte[] {3, 0, 4, 0}), tensors.get(1).data());
            assertEquals(
                    ByteBuffer.wrap(new byte[] {5, 0, 0, 0, 0, 0, 0, 0}),
                    tensors.get(2).data());
            assertEquals(ByteBuffer.wrap(new byte[] {0, 6, 0}), tensors.get(3).data());
        }
    }

    @Test
    void theTypeFollowsTheClass() throws Exception {
        try (GgufWriter writer = GgufWriter.create(file)) {
            writer.put("bool", true)
                    .put("byte", (byte) -1)
                    .put("short", (short) -2)
                    .put("int", -3)
                    .put("long", -4L)
                    .put("float", 0.5f)
                    .put("double", 0.25)
                    .put("text", "")
                    .put("ints", new int[] {1})
                    .put("longs", new long[] {2})
                    .put("floats", new float[] {3})
                    .put("doubles", new double[] {4})
                    .put("bools", new boolean[] {true, false})
                    .put("words", List.of("ord"))
                    .put("bytes", new GgufWriter.Elements(UINT8, List.of(255, 0)));
            writer.commit();
        }
        try (GgufFile gguf = GgufFile.open(file)) {
            GgufMetadata metadata = gguf.metadata();
            assertEquals(
                    "[BOOL, INT8, INT16, INT32, INT64, FLOAT32, FLOAT64, STRING, ARRAY, ARRAY, ARRAY, ARRAY, ARRAY, ARRAY,"
                            + " ARRAY]",
                    metadata.keys().stream().map(metadata::type).toList().toString());
            assertEquals(
                    "{bool=true, byte=-1, short=-2, int=-3, long=-4, float=0.5, double=0.25, text=, ints=[1], longs=[2],"
                            + " floats=[3.0], doubles=[4.0], bools=[true, false], words=[ord], bytes=[255, 0]}",
                    Everything.keys(gguf).toString());
            assertEquals("INT64[1]", metadata.get("longs").toString());
            assertEquals("FLOAT64[1]", metadata.get("doubles").toString());
            assertEquals("UINT8[2]", metadata.get("bytes").toString());
        }
    }

    @Test
    void aFailedPutLeavesTheOthersWhole() throws Exception {
        try (GgufWriter writer = GgufWriter.create(file)) {
            writer.put("first", 1);
            List<Object> words = new ArrayList<>(List.of("fine", 5));
            assertThrows(IllegalArgumentException.class, () -> writer.put("words", words));
            writer.put("words", "second time");
            writer.commit();
        }
        try (GgufFile gguf = GgufFile.open(file)) {
            assertEquals("{first=1, words=second time}", Everything.keys(gguf).toString());
        }
    }

    @FunctionalInterface
    interface Call {
        void on(GgufWriter writer) throws IOException;
    }

    record Refusal(String name, Class<? extends Exception> error, Call call, List<String> says) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Refusal bad(String name, Call call, String... says) {
        return new Refusal(name, IllegalArgumentException.class, call, List.of(says));
    }

    private static Refusal state(String name, Call call, String... says) {
        return new Refusal(name, IllegalStateException.class, call, List.of(says));
    }

    /** Each is called on a writer that has the key {@code a.key} and the tensors {@code a} and {@code b}, 8 x I8. */
    static Stream<Refusal> refusals() {
        Object deep = 1;
        for (int i = 0; i < 9; i++) {
            deep = new GgufWriter.Elements(i == 0 ? GgufValueType.INT32 : ARRAY, List.of(deep));
        }
        Object tooDeep = deep;
        return Stream.of(
                bad("key twice", w -> w.put("a.key", 2), "'a.key'", "already"),
                bad("key empty", w -> w.put("", 2), "0 bytes"),
                bad("key too long", w -> w.put("k".repeat(65_536), 2), "65536 bytes", "65535"),
                bad("key no text", w -> w.put("\ud800", 2), "surrogate"),
                bad("value null", w -> w.put("k", null), "'k'", "null"),
                bad("value of no such class", w -> w.put("k", new StringBuilder("x")), "'k'", "x (StringBuilder)"),
                bad("text no text", w -> w.put("k", "a\udc00"), "'k'", "surrogate"),
                bad("uint32 below zero", w -> w.putUint32("k", -1), "'k'", "-1", "0 to 4294967295"),
                bad("uint32 too large", w -> w.putUint32("k", 1L << 32), "'k'", "4294967296", "UINT32"),
                bad("int8 too large", w -> w.put("k", INT8, 128), "'k'", "128", "-128 to 127"),
                bad("uint8 too large", w -> w.put("k", UINT8, 256), "'k'", "256", "0 to 255"),
                bad("uint16 below zero", w -> w.put("k", UINT16, -5), "'k'", "-5", "0 to 65535"),
                bad(
                        "uint64 too large",
                        w -> w.put("k", UINT64, BigInteger.TWO.pow(64)),
                        "18446744073709551616",
                        "18446744073709551615"),
                bad("int from a float", w -> w.put("k", UINT32, 1.5f), "'k'", "1.5 (Float)", "UINT32"),
                bad("float from a text", w -> w.put("k", FLOAT32, "1"), "'k'", "1 (String)", "FLOAT32"),
                bad("text from an integer", w -> w.put("k", STRING, 1), "'k'", "1 (Integer)", "STRING"),
                bad("boolean from an integer", w -> w.put("k", GgufValueType.BOOL, 1), "'k'", "1 (Integer)", "BOOL"),
                bad("array from an integer", w -> w.put("k", ARRAY, 1), "'k'", "1 (Integer)", "ARRAY"),
                bad("strings from integers", w -> w.put("k", List.of(1)), "'k'", "1 (Integer)", "STRING"),
                bad("arrays too deep", w -> w.put("k", tooDeep), "'k'", "deeper than 8"),
                bad("long value shortened", w -> w.put("k", UINT32, "x".repeat(1000)), "'k'", "xxx… (String)"),
                bad("alignment no power of two", w -> w.putUint32("general.alignment", 48), "general.alignment", "48"),
                bad("alignment 4", w -> w.putUint32("general.alignment", 4), "general.alignment", "4;", "8"),
                bad("alignment of another type", w -> w.put("general.alignment", 64), "INT32", "UINT32"),
                bad("tensor twice", w -> w.tensor("a", GgmlType.I8, 1), "'a'", "already"),
                bad("tensor name empty", w -> w.tensor("", GgmlType.I8, 1), "0 bytes"),
                bad("tensor name too long", w -> w.tensor("ø".repeat(32), GgmlType.I8, 1), "64 bytes", "63"),
                bad("no dimension", w -> w.tensor("c", GgmlType.I8), "'c'", "0 dimensions", "1 to 4"),
                bad("five dimensions", w -> w.tensor("c", GgmlType.I8, 1, 1, 1, 1, 1), "5 dimensions"),
                bad("dimension 0", w -> w.tensor("c", GgmlType.I8, 3, 0), "'c'", "[3 x 0]", "size 0"),
                bad("dimension below zero", w -> w.tensor("c", GgmlType.I8, -3), "'c'", "[-3]", "size -3"),
                bad("row no multiple of the block", w -> w.tensor("c", GgmlType.Q4_K, 300), "300", "blocks of 256"),
                bad("elements overflow", w -> w.tensor("c", GgmlType.I8, 1L << 32, 1L << 31), "[4294967296 x"),
                bad("bytes overflow", w -> w.tensor("c", GgmlType.F64, 1L << 61), "[2305843009213693952]"),
                bad(
                        "sum overflows",
                        w -> w.tensor("c", GgmlType.I8, 1L << 62).tensor("d", GgmlType.I8, 1L << 62),
                        "'d'",
                        "9223372036854775807"),
                bad("data of no tensor", w -> w.data("z", bytes(8)), "'z'", "'a'", "0 of 2"),
                bad("data in the wrong order", w -> w.data("b", bytes(8)), "'b'", "'a'"),
                bad("data too few", w -> w.data("a", bytes(7)), "'a'", "8 bytes, not 7"),
                bad("data too many", w -> w.data("a", bytes(9)), "'a'", "8 bytes, not 9"),
                bad(
                        "chunk too many",
                        w -> {
                            w.append("a", bytes(5));
                            w.append("a", bytes(4));
                        },
                        "'a'",
                        "8 bytes and has 5",
                        "4 more"),
                bad(
                        "next before the first is complete",
                        w -> {
                            w.append("a", bytes(7));
                            w.data("b", bytes(8));
                        },
                        "'b'",
                        "'a'"),
                bad(
                        "more data than tensors",
                        w -> {
                            w.data("a", bytes(8));
                            w.data("b", bytes(8));
                            w.data("c", bytes(8));
                        },
                        "'c'",
                        "all 2"),
                state(
                        "all data after a chunk",
                        w -> {
                            w.append("a", bytes(1));
                            w.data("a", bytes(8));
                        },
                        "'a'",
                        "1 bytes"),
                state(
                        "key after data",
                        w -> {
                            w.data("a", bytes(8));
                            w.put("late", 1);
                        },
                        "model.gguf",
                        "after data have been written"),
                state(
                        "tensor after data",
                        w -> {
                            w.data("a", bytes(8));
                            w.tensor("late", GgmlType.I8, 1);
                        },
                        "after data have been written"),
                state("commit without data", GgufWriter::commit, "'a'", "0 of 2", "0 of 8 bytes"),
                state(
                        "commit without all data",
                        w -> {
                            w.data("a", bytes(8));
                            w.append("b", bytes(3));
                            w.commit();
                        },
                        "'b'",
                        "1 of 2",
                        "3 of 8 bytes"),
                state(
                        "commit twice",
                        w -> {
                            w.data("a", bytes(8));
                            w.data("b", bytes(8));
                            w.commit();
                            w.commit();
                        },
                        "committed"),
                state(
                        "put after close",
                        w -> {
                            w.close();
                            w.put("late", 1);
                        },
                        "closed"),
                state(
                        "data after close",
                        w -> {
                            w.close();
                            w.data("a", bytes(8));
                        },
                        "closed"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void refusals(Refusal refusal) throws Exception {
        try (GgufWriter writer = GgufWriter.create(file)) {
            writer.put("a.key", 1).tensor("a", GgmlType.I8, 8).tensor("b", GgmlType.I8, 4, 2);
            Exception error = assertThrows(refusal.error, () -> refusal.call.on(writer));
            for (String fragment : refusal.says) {
                assertTrue(error.getMessage().contains(fragment), fragment + " is not in: " + error.getMessage());
            }
        }
        assertFalse(files().stream().anyMatch(name -> name.endsWith(".part")), files().toString());
    }

    @Test
    void moreKeysThanTheReaderTakes() throws Exception {
        try (GgufWriter writer = GgufWriter.create(file)) {
            for (int i = 0; i < 16_384; i++) {
                writer.put("k" + i, i);
            }
            IllegalArgumentException error = assertThrows(IllegalArgumentException.class, () -> writer.put("more", 1));
            assertTrue(
                    error.getMessage().contains("'more'") && error.getMessage().contains("16384"));
            writer.commit();
        }
        try (GgufFile gguf = GgufFile.open(file)) {
            assertEquals(16_384, gguf.metadata().keys().size());
        }
    }

    @Test
    void moreTensorsThanTheReaderTakes() throws Exception {
        try (GgufWriter writer = GgufWriter.create(file)) {
            writer.put("general.alignment", UINT32, 8);
            for (int i = 0; i < 65_536; i++) {
                writer.tensor("t" + i, GgmlType.I8, 1);
            }
            IllegalArgumentException error =
                    assertThrows(IllegalArgumentException.class, () -> writer.tensor("more", GgmlType.I8, 1));
            assertTrue(
                    error.getMessage().contains("'more'") && error.getMessage().contains("65536"));
            for (int i = 0; i < 65_536; i++) {
                writer.data("t" + i, MemorySegment.ofArray(new byte[] {(byte) i}));
            }
            writer.commit();
        }
        try (GgufFile gguf = GgufFile.open(file)) {
            assertEquals(65_536, gguf.tensors().size());
            assertEquals(
                    (byte) 54_321,
                    gguf.data(gguf.tensor("t54321").orElseThrow()).get(ValueLayout.JAVA_BYTE, 0));
        }
    }
}
