package dev.skald.gguf;

import static dev.skald.gguf.GgufValueType.ARRAY;
import static dev.skald.gguf.GgufValueType.BOOL;
import static dev.skald.gguf.GgufValueType.STRING;
import static dev.skald.gguf.GgufValueType.UINT32;
import static dev.skald.gguf.GgufValueType.UINT8;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each kind of wrong file ends in an error with the place and the wrong values. Offsets are counted by hand: the header has 24
 * bytes (magic 4, version 4, tensors 8, keys 8), a string 8 bytes before its characters.
 */
class RejectionTest {
    private static final int F32 = 0;
    private static final int Q4_0 = 2;

    @TempDir
    Path folder;

    /** A bad file, and the texts that the message must contain. */
    record Case(String name, RawGguf file, List<String> says) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Case bad(String name, RawGguf file, String... says) {
        return new Case(name, file, List.of(says));
    }

    private static RawGguf text(String text) {
        return new RawGguf().text(text);
    }

    static Stream<Case> notGguf() {
        return Stream.of(
                bad("empty file", new RawGguf(), "byte 0", "is empty"),
                bad("other magic", text("ABCDEFGH"), "41 42 43 44", "47 47 55 46"),
                bad("cut within the magic", text("GGU"), "47 47 55", "cut off after 3 bytes"),
                bad("swapped magic", text("FUGG"), "swapped"),
                bad("GGML of 2023", text("tjgg\3\0\0\0"), "before GGUF"),
                bad("safetensors", new RawGguf().u64(10).text("{\"a\":null}"), "safetensors", "convert_hf_to_gguf.py"),
                bad("zip or PyTorch", text("PK\3\4rest"), "PyTorch"),
                bad("web page", text("\n<!DOCTYPE html><html>"), "web page"),
                bad("git-lfs pointer", text("version https://git-lfs.github.com/spec/v1\n"), "git lfs pull"),
                bad("gzip", new RawGguf().bytes((byte) 0x1f, (byte) 0x8b, (byte) 8), "compressed"),
                bad("zstd", new RawGguf().u32(0xFD2FB528), "compressed"),
                bad("JSON", text("{\"error\":\"gated\"}"), "JSON"));
    }

    static Stream<Case> header() {
        return Stream.of(
                bad("version 0", RawGguf.header(0, 0, 0), "byte 4", "version 0", "2 and 3"),
                bad("version 1", RawGguf.header(1, 0, 0), "byte 4", "version 1", "convert_hf_to_gguf.py"),
                bad("version 4", RawGguf.header(4, 0, 0), "byte 4", "version 4", "2 and 3"),
                bad(
                        "big-endian",
                        RawGguf.header(Integer.reverseBytes(3), 0, 0),
                        "byte 4",
                        "version 3 in big-endian",
                        "gguf_convert_endian.py"),
                bad("no version", RawGguf.header(0, 0).cut(4), "byte 4", "needs 4 bytes and 0 are left of 4"),
                bad("no counts", RawGguf.header(0, 0).cut(8), "byte 8", "needs 8 bytes and 0 are left of 8"),
                bad("half a count", RawGguf.header(0, 0).cut(19), "byte 16", "needs 8 bytes and 3 are left of 19"),
                bad("more keys than bytes", RawGguf.header(0, 3).zeros(38), "byte 16", "3 keys", "38 bytes are left"),
                bad(
                        "giant number of keys",
                        RawGguf.header(0, Long.MAX_VALUE),
                        "byte 16",
                        "9223372036854775807 keys",
                        "0 bytes are left"),
                bad("negative number of keys", RawGguf.header(0, -1), "byte 16", "18446744073709551615 keys"),
                bad("keys beyond the limit", RawGguf.header(0, 16385).zeros(16385 * 13), "16385", "16384"),
                bad(
                        "giant number of tensors",
                        RawGguf.header(1L << 60, 0),
                        "byte 8",
                        "1152921504606846976 tensors",
                        "8 bytes are left"),
                bad("negative number of tensors", RawGguf.header(-2, 0), "byte 8", "18446744073709551614 tensors"),
                bad(
                        "tensors beyond the limit",
                        RawGguf.header(65537, 0).zeros(65537 * 24),
                        "byte 8",
                        "65537",
                        "65536"));
    }

    static Stream<Case> keys() {
        RawGguf nested = RawGguf.header(0, 1).key("deep", ARRAY);
        for (int i = 0; i < 8; i++) {
            nested.u32(ARRAY.id()).u64(1);
        }
        return Stream.of(
                bad(
                        "key longer than the file",
                        RawGguf.header(0, 1).u64(6).zeros(5),
                        "byte 24",
                        "key 0 of 1",
                        "6 bytes",
                        "5"),
                bad(
                        "key of negative length",
                        RawGguf.header(0, 1).u64(-1).zeros(5),
                        "byte 24",
                        "key 0 of 1",
                        "18446744073709551615"),
                bad("key too long", RawGguf.header(0, 1).uint32("k".repeat(65_536), 1), "byte 24", "65536", "65535"),
                bad(
                        "key not UTF-8",
                        RawGguf.header(0, 1).uint32("key", 1).with(33, 0xFF),
                        "byte 33",
                        "key 0 of 1",
                        "UTF-8",
                        "0xff"),
                bad(
                        "key twice",
                        RawGguf.header(0, 2).uint32("a.key", 1).uint32("a.key", 2),
                        // 24 + 8 + 5 + 4 + 4
                        "byte 45",
                        "'a.key'",
                        "1 of 2",
                        "twice"),
                bad("no value type", RawGguf.header(0, 1).string("a.key").u8(0), "byte 37", "'a.key'", "4 bytes and 1"),
                bad(
                        "unknown value type",
                        RawGguf.header(0, 1).string("a.key").u32(13).u64(0),
                        "byte 37",
                        "'a.key'",
                        "value type 13"),
                bad(
                        "negative value type",
                        RawGguf.header(0, 1).string("a.key").u32(-1),
                        "byte 37",
                        "'a.key'",
                        "value type 4294967295"),
                bad(
                        "value cut off",
                        RawGguf.header(0, 1).key("a.key", UINT32).zeros(3),
                        "byte 41",
                        "'a.key'",
                        "4",
                        "3"),
                bad(
                        "bad truth value",
                        RawGguf.header(0, 1).key("a.key", BOOL).u8(2),
                        "byte 41",
                        "'a.key'",
                        "boolean value 2"),
                bad(
                        "string longer than the file",
                        RawGguf.header(0, 1).key("a.key", STRING).u64(4).zeros(3),
                        "byte 41",
                        "'a.key'",
                        "4 bytes",
                        "3"),
                bad(
                        "string of giant length",
                        RawGguf.header(0, 1).key("a.key", STRING).u64(Long.MAX_VALUE),
                        "byte 41",
                        "'a.key'",
                        "9223372036854775807"),
                bad(
                        "array's type unknown",
                        RawGguf.header(0, 1).key("a.key", ARRAY).u32(99).u64(0),
                        "byte 41",
                        "'a.key'",
                        "value type 99"),
                bad(
                        "array of more elements than bytes",
                        RawGguf.header(0, 1).array("a.key", UINT32, 2).zeros(7),
                        "byte 45",
                        "'a.key'",
                        "2 elements",
                        "7 bytes are left"),
                bad(
                        "array whose size overflows",
                        RawGguf.header(0, 1).array("a.key", UINT32, 1L << 62).zeros(8),
                        "byte 45",
                        "'a.key'",
                        "4611686018427387904 elements"),
                bad(
                        "array of giant number of strings",
                        RawGguf.header(0, 1).array("a.key", STRING, 1L << 40).zeros(800),
                        "byte 45",
                        "'a.key'",
                        "1099511627776 elements",
                        "800 bytes are left"),
                bad(
                        "bad truth value in an array",
                        RawGguf.header(0, 1).array("a.key", BOOL, 3).u8(1).u8(0).u8(255),
                        "byte 55",
                        "'a.key'",
                        "255"),
                bad(
                        "array in an array cut off",
                        RawGguf.header(0, 1)
                                .array("a.key", ARRAY, 1)
                                .u32(UINT8.id())
                                .u64(1),
                        "byte 57",
                        "'a.key'",
                        "1 elements",
                        "0 bytes are left"),
                bad("arrays nested nine deep", nested.u32(UINT8.id()).u64(0), "'deep'", "deeper than 8"),
                bad(
                        "alignment no power of two",
                        RawGguf.header(0, 1).uint32("general.alignment", 48),
                        // 24 + 8 + 17 + 4
                        "byte 53",
                        "'general.alignment'",
                        "48"),
                bad(
                        "alignment 0",
                        RawGguf.header(0, 1).uint32("general.alignment", 0),
                        "'general.alignment'",
                        "0 is no"),
                bad(
                        "alignment 4",
                        RawGguf.header(0, 1).uint32("general.alignment", 4),
                        "'general.alignment'",
                        "4 is no"),
                bad(
                        "alignment 2 GiB",
                        RawGguf.header(0, 1).uint32("general.alignment", 1 << 31),
                        "'general.alignment'",
                        "2147483648"),
                bad(
                        "alignment a text",
                        RawGguf.header(0, 1).key("general.alignment", STRING).string("32"),
                        "byte 53",
                        "'general.alignment'",
                        "wanted an integer",
                        "found STRING"));
    }

    static Stream<Case> tensors() {
        return Stream.of(
                bad(
                        "tensor name not UTF-8",
                        RawGguf.header(1, 0).tensor("abc", F32, 0, 1).with(34, 0xED),
                        "byte 34",
                        "tensor 0 of 1",
                        "0xed"),
                bad(
                        "tensor name cut off",
                        RawGguf.header(1, 0).u64(30).zeros(29),
                        "byte 24",
                        "tensor 0 of 1",
                        "30",
                        "29"),
                bad(
                        "tensor name too long",
                        RawGguf.header(1, 0)
                                .tensor("t".repeat(65_536), F32, 0, 1)
                                .pad(32)
                                .zeros(4),
                        "byte 24",
                        "65536",
                        "65535"),
                bad(
                        "tensor twice",
                        RawGguf.header(2, 0)
                                .tensor("same", F32, 0, 1)
                                .tensor("same", F32, 32, 1)
                                .pad(32)
                                .zeros(64),
                        // 24 + 8 + 4 + 4 + 8 + 4 + 8
                        "byte 60",
                        "'same'",
                        "twice"),
                bad(
                        "five dimensions",
                        RawGguf.header(1, 0).tensor("five", F32, 0, 1, 1, 1, 1, 1),
                        "byte 36",
                        "5 dimensions",
                        "at most 4"),
                bad(
                        "giant number of dimensions",
                        RawGguf.header(1, 0).string("many").u32(-1).zeros(99),
                        "byte 36",
                        "4294967295 dimensions"),
                bad(
                        "dimension 0",
                        RawGguf.header(1, 0).tensor("none", F32, 0, 2, 0).pad(32),
                        "byte 48",
                        "'none'",
                        "size 0 in dimension 1"),
                bad(
                        "dimension negative",
                        RawGguf.header(1, 0).tensor("minus", F32, 0, -1).pad(32),
                        "byte 41",
                        "'minus'",
                        "size 18446744073709551615 in dimension 0"),
                bad(
                        "elements overflow",
                        RawGguf.header(1, 0)
                                .tensor("huge", F32, 0, 1L << 32, 1L << 31)
                                .pad(32),
                        "byte 40",
                        "'huge'",
                        "[4294967296 x 2147483648]"),
                bad(
                        "bytes overflow",
                        RawGguf.header(1, 0).tensor("huge", F32, 0, 1L << 62).pad(32),
                        "byte 40",
                        "'huge'",
                        "[4611686018427387904]"),
                bad(
                        "row no multiple of the block",
                        RawGguf.header(1, 0)
                                .tensor("odd", Q4_0, 0, 48, 2)
                                .pad(32)
                                .zeros(54),
                        "byte 39",
                        "'odd'",
                        "Q4_0",
                        "48",
                        "blocks of 32"),
                bad(
                        "quantized single value",
                        RawGguf.header(1, 0).tensor("one", Q4_0, 0).pad(32).zeros(18),
                        "'one'",
                        "rows of 1 elements",
                        "blocks of 32"),
                bad(
                        "type retired",
                        RawGguf.header(1, 0).tensor("old", 4, 0, 32).pad(32).zeros(32),
                        "byte 47",
                        "'old'",
                        "type 4 (Q4_2)",
                        "retired"),
                bad(
                        "type retired, interleaved",
                        RawGguf.header(1, 0).tensor("old", 33, 0, 32).pad(32).zeros(32),
                        "'old'",
                        "33 (Q4_0_8_8)",
                        "retired"),
                bad(
                        "type of ik_llama.cpp",
                        RawGguf.header(1, 0).tensor("ik", 139, 0, 256).pad(32).zeros(256),
                        "'ik'",
                        "139 (IQ4_K)",
                        "ik_llama.cpp"),
                bad(
                        "interleaved type of ik_llama.cpp",
                        RawGguf.header(1, 0).tensor("ik", 202, 0, 256).pad(32).zeros(256),
                        "'ik'",
                        "202",
                        "ik_llama.cpp"),
                bad(
                        "type unknown",
                        RawGguf.header(1, 0).tensor("new", 99, 0, 32).pad(32).zeros(32),
                        "byte 47",
                        "'new'",
                        "type 99"),
                bad(
                        "type negative",
                        RawGguf.header(1, 0).tensor("new", -1, 0, 32).pad(32).zeros(32),
                        "'new'",
                        "type 4294967295"),
                bad(
                        "offset misaligned",
                        RawGguf.header(1, 0).tensor("off", F32, 8, 1).pad(32).zeros(64),
                        "byte 51",
                        "'off'",
                        "8 of the data section",
                        "alignment 32"),
                bad(
                        "offset negative",
                        RawGguf.header(1, 0).tensor("off", F32, -32, 1).pad(32).zeros(64),
                        "byte 51",
                        "'off'",
                        "18446744073709551584"),
                bad(
                        "offset beyond the file",
                        RawGguf.header(1, 0)
                                .tensor("off", F32, 1L << 40, 1)
                                .pad(32)
                                .zeros(4),
                        "byte 51",
                        "'off'",
                        "1099511627776",
                        "byte 64",
                        "byte 68"),
                bad(
                        "data beyond the file",
                        RawGguf.header(1, 0).tensor("off", F32, 0, 2).pad(32).zeros(7),
                        "byte 51",
                        "'off'",
                        "8 bytes from 0",
                        "ends at byte 71"),
                bad(
                        "no data section",
                        RawGguf.header(1, 0).tensor("off", F32, 0, 1),
                        "byte 51",
                        "'off'",
                        "begins at byte 64",
                        "ends at byte 59"),
                bad(
                        "tensors overlap",
                        RawGguf.header(2, 0)
                                .tensor("back", F32, 0, 9)
                                .tensor("front", F32, 32, 1)
                                .pad(32)
                                .zeros(64),
                        // The data begin at 128: 24 + 36 + 37, padded.
                        "byte 160",
                        "'front'",
                        "'back'",
                        "36 bytes from byte 128"),
                bad(
                        "Q2_0 in blocks of 128 before another tensor",
                        RawGguf.header(2, 0)
                                .tensor("ternary", GgmlType.Q2_0.id(), 0, 128, 16)
                                .tensor("next", F32, 544, 9)
                                .pad(32)
                                .zeros(580),
                        "'next'",
                        "begins within tensor 'ternary', which has 576 bytes",
                        "blocks of 128"),
                bad(
                        "Q2_0 in blocks of 128 at the end",
                        RawGguf.header(1, 0)
                                .tensor("ternary", GgmlType.Q2_0.id(), 0, 128, 16)
                                .pad(32)
                                .zeros(544),
                        "'ternary'",
                        "takes 576 bytes",
                        "blocks of 128"),
                bad(
                        "tensors at one place",
                        RawGguf.header(2, 0)
                                .tensor("a", F32, 0, 1)
                                .tensor("b", F32, 0, 1)
                                .pad(32)
                                .zeros(32),
                        "byte 96",
                        "'a'",
                        "'b'"),
                bad(
                        "last tensor's description cut off",
                        RawGguf.header(2, 0)
                                .tensor("a", F32, 0, 1)
                                .tensor("b", F32, 32, 1)
                                .cut(82),
                        "tensor 'b'",
                        "are left of 82"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource({"notGguf", "header", "keys", "tensors"})
    void saysWhatIsWrong(Case bad) throws Exception {
        Path file = bad.file.write(folder.resolve("bad.gguf"));
        assertSays(file, bad.says);
    }

    @Test
    void aStringOfMoreThanHalfAGigabyteIsRefused() throws Exception {
        Path file = folder.resolve("long.gguf");
        RawGguf head = RawGguf.header(0, 1).key("long", STRING).u64((1L << 29) + 1);
        SparseFile.write(file, head.toBytes(), (1L << 29) + 100);
        assertSays(file, List.of("byte 40", "'long'", "536870913", "536870912"));
    }

    @Test
    void aFolderIsNamedWithWhatIsInIt() throws Exception {
        Files.createFile(folder.resolve("b.gguf"));
        Files.createFile(folder.resolve("a.gguf"));
        Files.createFile(folder.resolve("README.md"));
        assertSays(folder, List.of("is a folder", "2: a.gguf, b.gguf"));
    }

    @Test
    void anEmptyFolderIsNamed() {
        assertSays(folder, List.of("is a folder", "there is none in it"));
    }

    @Test
    void aMissingFileIsAnInputError() {
        Path file = folder.resolve("missing.gguf");
        NoSuchFileException error = assertThrows(NoSuchFileException.class, () -> GgufFile.open(file));
        assertTrue(error.getMessage().contains(file.toString()), error.getMessage());
    }

    @Test
    void aFileThatFailsToOpenIsNotHeldOpen() throws Exception {
        Path file = RawGguf.header(0, 1).key("a.key", BOOL).u8(2).write(folder.resolve("bad.gguf"));
        assertSays(file, List.of("boolean value 2"));
        Path maps = Path.of("/proc/self/maps");
        if (Files.exists(maps)) {
            assertTrue(
                    Files.readAllLines(maps, StandardCharsets.ISO_8859_1).stream()
                            .noneMatch(line -> line.endsWith(file.toString())),
                    "still mapped");
        }
    }

    static void assertSays(Path file, List<String> fragments) {
        GgufFormatException error = assertThrows(
                GgufFormatException.class, () -> GgufFile.open(file).close());
        assertTrue(error.getMessage().startsWith(file + ": "), error.getMessage());
        for (String fragment : fragments) {
            assertTrue(error.getMessage().contains(fragment), fragment + " is not in: " + error.getMessage());
        }
    }
}
