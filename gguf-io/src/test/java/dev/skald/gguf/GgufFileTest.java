package dev.skald.gguf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Valid files, also unusual ones. */
class GgufFileTest {
    private static final int F32 = 0;

    @TempDir
    Path folder;

    private GgufFile open(RawGguf raw) throws Exception {
        return GgufFile.open(raw.write(folder.resolve("model.gguf")));
    }

    private static byte[] bytes(GgufFile gguf, String tensor) {
        return gguf.data(gguf.tensor(tensor).orElseThrow()).toArray(ValueLayout.JAVA_BYTE);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void bothVersions(int version) throws Exception {
        RawGguf raw = RawGguf.header(version, 1, 1)
                .uint32("llama.block_count", 7)
                .tensor("a", F32, 0, 1)
                .pad(32)
                .bytes((byte) 1, (byte) 2, (byte) 3, (byte) 4);
        try (GgufFile gguf = open(raw)) {
            assertEquals(version, gguf.version());
            assertEquals(7, gguf.metadata().getInt("llama.block_count"));
            assertArrayEquals(new byte[] {1, 2, 3, 4}, bytes(gguf, "a"));
        }
    }

    @Test
    void nothingButAHeader() throws Exception {
        try (GgufFile gguf = open(RawGguf.header(0, 0))) {
            assertTrue(gguf.metadata().keys().isEmpty());
            assertTrue(gguf.tensors().isEmpty());
            assertEquals(24, gguf.bytes());
            assertEquals(Optional.empty(), gguf.tensor("token_embd.weight"));
        }
    }

    @Test
    void aVocabularyWithoutTensorsOrPadding() throws Exception {
        RawGguf raw = RawGguf.header(0, 1)
                .array("tokenizer.ggml.tokens", GgufValueType.STRING, 2)
                .string("")
                .string("å");
        try (GgufFile gguf = open(raw)) {
            assertEquals(List.of("", "å"), gguf.metadata().getStrings("tokenizer.ggml.tokens"));
        }
    }

    @Test
    void whatATensorSaysOfItself() throws Exception {
        RawGguf raw = RawGguf.header(1, 0)
                .tensor("cube", GgmlType.Q4_0, 0, 64, 3, 5)
                .pad(32)
                .zeros(15 * 36);
        try (GgufFile gguf = open(raw)) {
            TensorInfo cube = gguf.tensors().getFirst();
            assertEquals("cube", cube.name());
            assertEquals(GgmlType.Q4_0, cube.type());
            assertEquals(3, cube.rank());
            assertEquals(List.of(64L, 3L, 5L), cube.shape());
            assertEquals(5, cube.dim(2));
            assertEquals(1, cube.dim(3));
            assertEquals(64, cube.columns());
            assertEquals(15, cube.rows());
            assertEquals(960, cube.elements());
            assertEquals(540, cube.bytes());
            assertEquals(96, cube.offset());
            assertEquals(0, cube.part());
            assertEquals("cube Q4_0 [64 x 3 x 5]", cube.toString());
        }
    }

    @Test
    void aTensorOfRankZeroIsOneValue() throws Exception {
        try (GgufFile gguf =
                open(RawGguf.header(1, 0).tensor("one", F32, 0).pad(32).u32(5))) {
            TensorInfo one = gguf.tensors().getFirst();
            assertEquals(0, one.rank());
            assertEquals(1, one.columns());
            assertEquals(1, one.rows());
            assertEquals(4, one.bytes());
        }
    }

    @Test
    void tensorsInAnyOrderAndWithGaps() throws Exception {
        RawGguf raw = RawGguf.header(2, 0)
                .tensor("second", F32, 96, 1)
                .tensor("first", F32, 0, 1)
                .pad(32)
                .u32(0x01010101)
                .zeros(92)
                .u32(0x02020202);
        try (GgufFile gguf = open(raw)) {
            assertEquals(
                    List.of("second", "first"),
                    gguf.tensors().stream().map(TensorInfo::name).toList());
            assertArrayEquals(new byte[] {1, 1, 1, 1}, bytes(gguf, "first"));
            assertArrayEquals(new byte[] {2, 2, 2, 2}, bytes(gguf, "second"));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 64, 4096, 1 << 24})
    void alignments(int alignment) throws Exception {
        RawGguf raw = RawGguf.header(1, 1)
                .uint32("general.alignment", alignment)
                .tensor("a", F32, alignment, 1)
                .pad(alignment)
                .zeros(alignment)
                .u32(0x03030303);
        try (GgufFile gguf = open(raw)) {
            assertEquals(alignment, gguf.alignment());
            assertArrayEquals(new byte[] {3, 3, 3, 3}, bytes(gguf, "a"));
        }
    }

    @Test
    void arraysEightDeep() throws Exception {
        RawGguf raw = RawGguf.header(0, 1).key("deep", GgufValueType.ARRAY);
        for (int i = 0; i < 7; i++) {
            raw.u32(GgufValueType.ARRAY.id()).u64(1);
        }
        raw.u32(GgufValueType.UINT8.id()).u64(2).u8(5).u8(6);
        try (GgufFile gguf = open(raw)) {
            GgufArray array = gguf.metadata().getArray("deep");
            for (int i = 0; i < 7; i++) {
                array = (GgufArray) array.get(0);
            }
            assertEquals(List.of(5L, 6L), List.of(array.get(0), array.get(1)));
        }
    }

    @Test
    void aFileOfMoreThanFourGigabytes() throws Exception {
        long far = (5L << 30) + 64;
        byte[] head = RawGguf.header(2, 0)
                .tensor("wide", F32, 0, far / 8, 2)
                .tensor("last", F32, far, 1)
                .pad(32)
                .toBytes();
        Path file = folder.resolve("large.gguf");
        SparseFile.write(file, head, head.length + far + 4, new byte[] {9, 8, 7, 6});
        try (GgufFile gguf = GgufFile.open(file)) {
            TensorInfo wide = gguf.tensor("wide").orElseThrow();
            assertEquals(far, wide.bytes());
            assertEquals(0, gguf.data(wide).get(ValueLayout.JAVA_BYTE, far - 1));
            assertArrayEquals(new byte[] {9, 8, 7, 6}, bytes(gguf, "last"));
        }
    }

    @Test
    void dataAreReadOnly() throws Exception {
        try (GgufFile gguf =
                open(RawGguf.header(1, 0).tensor("a", F32, 0, 1).pad(32).u32(0))) {
            MemorySegment data = gguf.data(gguf.tensors().getFirst());
            assertTrue(data.isReadOnly());
        }
    }

    @Test
    void anotherFilesTensorIsABadCall() throws Exception {
        RawGguf raw = RawGguf.header(1, 0).tensor("a", F32, 0, 1).pad(32).u32(0);
        Path other = raw.write(folder.resolve("other.gguf"));
        try (GgufFile gguf = open(raw);
                GgufFile stranger = GgufFile.open(other)) {
            TensorInfo tensor = stranger.tensors().getFirst();
            IllegalArgumentException error = assertThrows(IllegalArgumentException.class, () -> gguf.data(tensor));
            assertTrue(error.getMessage().contains("'a'") && error.getMessage().contains("model.gguf"));
        }
    }

    @Test
    void afterCloseEveryUseIsAnIllegalState() throws Exception {
        RawGguf raw = RawGguf.header(1, 2)
                .uint32("n", 7)
                .array("words", GgufValueType.STRING, 1)
                .string("ord")
                .tensor("a", F32, 0, 1)
                .pad(32)
                .u32(0);
        GgufFile gguf = open(raw);
        TensorInfo tensor = gguf.tensors().getFirst();
        MemorySegment data = gguf.data(tensor);
        List<String> words = gguf.metadata().getStrings("words");
        gguf.close();
        gguf.close();
        IllegalStateException error = assertThrows(IllegalStateException.class, () -> gguf.data(tensor));
        assertTrue(error.getMessage().contains("model.gguf is closed"), error.getMessage());
        assertThrows(IllegalStateException.class, () -> data.get(ValueLayout.JAVA_BYTE, 0));
        assertThrows(IllegalStateException.class, () -> gguf.metadata().getInt("n"));
        assertThrows(IllegalStateException.class, () -> gguf.metadata().get("words"));
        assertThrows(IllegalStateException.class, words::getFirst);
        assertThrows(IllegalStateException.class, gguf::unload);
        assertTrue(gguf.metadata().contains("n"));
    }

    @Test
    void whatIsUnloadedLeavesMemoryAndCanBeReadAgain() throws Exception {
        RawGguf raw =
                RawGguf.header(1, 1).uint32("n", 7).tensor("a", F32, 0, 1 << 18).pad(32);
        for (int i = 0; i < 1 << 18; i++) {
            raw.u32(i);
        }
        try (GgufFile gguf = open(raw)) {
            MemorySegment data = gguf.data(gguf.tensors().getFirst());
            byte[] before = data.toArray(ValueLayout.JAVA_BYTE);
            Path maps = Path.of("/proc/self/smaps");
            boolean tells = Files.isReadable(maps);
            assertTrue(!tells || residentKilobytes(maps) >= 1024);
            gguf.unload();
            assertTrue(!tells || residentKilobytes(maps) == 0);
            assertEquals(7, gguf.metadata().getInt("n"));
            assertArrayEquals(before, data.toArray(ValueLayout.JAVA_BYTE));
        }
    }

    /** Returns how much of the model's mapping is in memory, as Linux reports it. */
    private int residentKilobytes(Path maps) throws Exception {
        boolean ours = false;
        for (String line : Files.readAllLines(maps)) {
            if (line.matches("[0-9a-f]+-[0-9a-f]+ .*")) {
                ours = line.endsWith(folder.resolve("model.gguf").toString());
            } else if (ours && line.startsWith("Rss:")) {
                return Integer.parseInt(line.replaceAll("[^0-9]", ""));
            }
        }
        throw new AssertionError("model.gguf is not mapped");
    }

    @Test
    void closeWhileOthersReadEndsThemWithAnIllegalState() throws Exception {
        byte[] head = RawGguf.header(1, 0).tensor("a", F32, 0, 1 << 20).pad(32).toBytes();
        Path file = folder.resolve("read.gguf");
        SparseFile.write(file, head, head.length + (4L << 20));
        GgufFile gguf = GgufFile.open(file);
        TensorInfo tensor = gguf.tensors().getFirst();
        Throwable[] seen = new Throwable[1];
        CountDownLatch begun = new CountDownLatch(1);
        Thread reader = Thread.ofPlatform().start(() -> {
            try {
                while (true) {
                    MemorySegment data = gguf.data(tensor);
                    begun.countDown();
                    for (long i = 0; i < data.byteSize(); i += 64) {
                        data.get(ValueLayout.JAVA_BYTE, i);
                    }
                }
            } catch (Throwable e) {
                seen[0] = e;
            }
        });
        begun.await();
        gguf.close();
        reader.join();
        assertEquals(IllegalStateException.class, seen[0].getClass());
    }

    @Test
    void manyThreadsReadAtOnce() throws Exception {
        int count = 1000;
        RawGguf raw = RawGguf.header(0, 1).array("words", GgufValueType.STRING, count);
        for (int i = 0; i < count; i++) {
            raw.string("ord " + i);
        }
        try (GgufFile gguf = open(raw)) {
            List<Thread> threads = new ArrayList<>();
            List<Throwable> errors = Collections.synchronizedList(new ArrayList<>());
            for (int t = 0; t < 4; t++) {
                threads.add(Thread.ofPlatform().start(() -> {
                    try {
                        List<String> words = gguf.metadata().getStrings("words");
                        for (int i = 0; i < count; i++) {
                            assertEquals("ord " + i, words.get(i));
                        }
                    } catch (Throwable e) {
                        errors.add(e);
                    }
                }));
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertEquals(List.of(), errors);
        }
    }

    @Test
    void theFileItselfIsNotKeptOpenAfterClose() throws Exception {
        Path file = RawGguf.header(0, 0).write(folder.resolve("gone.gguf"));
        GgufFile.open(file).close();
        Files.delete(file);
        assertFalse(Files.exists(file));
    }
}
