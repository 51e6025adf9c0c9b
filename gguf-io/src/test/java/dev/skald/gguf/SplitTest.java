package dev.skald.gguf;

import static dev.skald.gguf.GgufValueType.INT32;
import static dev.skald.gguf.GgufValueType.UINT16;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Models in several files, as llama.cpp's gguf-split writes them: the model's keys are in the first part only. */
class SplitTest {
    @TempDir
    Path folder;

    private static String name(int part, int count) {
        return "model-0000" + part + "-of-0000" + count + ".gguf";
    }

    private Path path(int part) {
        return folder.resolve(name(part, 3));
    }

    private static RawGguf uint16(RawGguf raw, String key, int value) {
        return raw.key(key, UINT16).u8(value & 0xFF).u8(value >> 8);
    }

    /** The keys of a part; {@code no} counts from 0. */
    private static RawGguf keys(int tensors, int more, int no, int count, int total) {
        RawGguf raw = RawGguf.header(tensors, 3 + more);
        return uint16(uint16(raw, "split.no", no), "split.count", count)
                .key("split.tensors.count", INT32)
                .u32(total);
    }

    private static RawGguf part(int no, String tensor, int value) {
        RawGguf raw = keys(1, no == 0 ? 1 : 0, no, 3, 3);
        if (no == 0) {
            raw.key("general.name", GgufValueType.STRING).string("delt");
        }
        return raw.tensor(tensor, GgmlType.I32, 0, 1).pad(32).u32(value);
    }

    @BeforeEach
    void write() throws Exception {
        part(0, "a", 100).write(path(1));
        part(1, "b", 200).write(path(2));
        part(2, "c", 300).write(path(3));
    }

    private static int value(GgufFile gguf, String tensor) {
        return gguf.data(gguf.tensor(tensor).orElseThrow()).get(ValueLayout.JAVA_INT_UNALIGNED, 0);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void opensFromAnyPart(int opened) throws Exception {
        try (GgufFile gguf = GgufFile.open(path(opened))) {
            assertEquals(path(opened), gguf.path());
            assertEquals(List.of(path(1), path(2), path(3)), gguf.parts());
            assertEquals("delt", gguf.metadata().getString("general.name"));
            assertEquals(
                    List.of("a", "b", "c"),
                    gguf.tensors().stream().map(TensorInfo::name).toList());
            assertEquals(
                    List.of(0, 1, 2),
                    gguf.tensors().stream().map(TensorInfo::part).toList());
            assertEquals(List.of(100, 200, 300), List.of(value(gguf, "a"), value(gguf, "b"), value(gguf, "c")));
            assertEquals(Files.size(path(1)) + Files.size(path(2)) + Files.size(path(3)), gguf.bytes());
            assertTrue(gguf.toString().contains("3 parts, 3 tensors"), gguf.toString());
        }
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "links need a privilege there")
    void throughSymbolicLinksWithTheRightNames() throws Exception {
        Path links = Files.createDirectory(folder.resolve("links"));
        for (int i = 1; i <= 3; i++) {
            Path blob = Files.move(path(i), folder.resolve("blob" + i));
            Files.createSymbolicLink(links.resolve(name(i, 3)), blob);
        }
        try (GgufFile gguf = GgufFile.open(links.resolve(name(2, 3)))) {
            assertEquals(300, value(gguf, "c"));
        }
    }

    @Test
    void aSplitOfOneIsAWholeModelUnderAnyName() throws Exception {
        Path file = keys(0, 0, 0, 1, 0).write(folder.resolve("whole.gguf"));
        try (GgufFile gguf = GgufFile.open(file)) {
            assertEquals(List.of(file), gguf.parts());
        }
    }

    @Test
    void aNameAloneMakesNoSplit() throws Exception {
        Path file = RawGguf.header(0, 0).write(folder.resolve("other-00001-of-00002.gguf"));
        try (GgufFile gguf = GgufFile.open(file)) {
            assertEquals(List.of(file), gguf.parts());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void aMissingPartIsNamed(int opened) throws Exception {
        Files.delete(path(2));
        RejectionTest.assertSays(path(opened), List.of("1 of the model's 3 parts are missing", name(2, 3)));
    }

    @Test
    void manyMissingPartsAreCounted() throws Exception {
        Path file = keys(0, 0, 1, 50_000, 0).write(folder.resolve("m-00002-of-50000.gguf"));
        RejectionTest.assertSays(file, List.of("49999 of the model's 50000", "m-00001-of-50000.gguf", "…"));
    }

    @Test
    void aRenamedPartIsToldItsName() throws Exception {
        Path renamed = Files.move(path(2), folder.resolve("renamed.gguf"));
        RejectionTest.assertSays(renamed, List.of("'split.no'", "part 2 of 3", "-00002-of-00003.gguf"));
    }

    @Test
    void aPartUnderAnothersName() throws Exception {
        Files.delete(path(3));
        Files.copy(path(2), path(3));
        RejectionTest.assertSays(path(3), List.of("'split.no'", "part 2 of 3", "-00002-of-00003.gguf"));
    }

    @Test
    void twoPartsSwapped() throws Exception {
        part(1, "c", 0).write(path(3));
        String message = messageOf(path(1));
        assertTrue(message.startsWith(path(3) + ": at byte 44: key 'split.no': 1 of 3"), message);
        assertTrue(message.contains("has to be 2 of 3"), message);
    }

    @Test
    void aPartOfAnotherCount() throws Exception {
        keys(0, 0, 2, 4, 3).write(path(3));
        assertTrue(messageOf(path(1)).contains("2 of 4 (key 'split.count'); by the file's name it has to be 2 of 3"));
    }

    @Test
    void aPartThatIsAWholeModel() throws Exception {
        RawGguf.header(0, 0).write(path(2));
        String message = messageOf(path(1));
        assertTrue(message.startsWith(path(2) + ": there is no key 'split.count'"), message);
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 65_535})
    void anIndexBeyondTheCount(int no) throws Exception {
        Path file = keys(0, 0, no, 3, 0).write(folder.resolve("x-00001-of-00003.gguf"));
        RejectionTest.assertSays(file, List.of("'split.no'", no + " of 3"));
    }

    @Test
    void aCountWithoutAnIndex() throws Exception {
        Path file = uint16(RawGguf.header(0, 1), "split.count", 3).write(folder.resolve("x-00001-of-00003.gguf"));
        RejectionTest.assertSays(file, List.of("no key 'split.no'"));
    }

    @Test
    void aCountBelowZero() throws Exception {
        Path file = RawGguf.header(0, 2)
                .key("split.count", INT32)
                .u32(-4)
                .uint32("split.no", 0)
                .write(folder.resolve("x.gguf"));
        RejectionTest.assertSays(file, List.of("'split.no'", "0 of -4"));
    }

    @Test
    void aTensorInTwoParts() throws Exception {
        part(2, "a", 0).write(path(3));
        String message = messageOf(path(1));
        assertTrue(message.startsWith(path(3) + ": at byte "), message);
        assertTrue(message.contains("tensor 'a' occurs twice: it is in part 1 too, and this is part 3"), message);
    }

    @Test
    void tensorsMissing() throws Exception {
        keys(0, 0, 2, 3, 3).write(path(3));
        String message = messageOf(path(2));
        assertTrue(message.startsWith(path(1) + ": at byte "), message);
        assertTrue(message.contains("'split.tensors.count': 3 tensors, and the 3 parts have 2"), message);
    }

    @Test
    void aDamagedPartIsNamed() throws Exception {
        part(1, "b", 200).cut(100).write(path(2));
        String message = messageOf(path(3));
        assertTrue(message.startsWith(path(2) + ": at byte "), message);
    }

    private static String messageOf(Path file) {
        return assertThrows(GgufFormatException.class, () -> GgufFile.open(file).close())
                .getMessage();
    }
}
