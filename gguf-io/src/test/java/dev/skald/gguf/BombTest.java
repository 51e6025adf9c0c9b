package dev.skald.gguf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Files that are made to be expensive. Opening or refusing one allocates little more than its own size. */
class BombTest {
    private static final long LITTLE = 1 << 20;

    @TempDir
    Path folder;

    record Bomb(String name, RawGguf file, boolean refused) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Bomb> bombs() {
        RawGguf nested = RawGguf.header(0, 1).key("deep", GgufValueType.ARRAY);
        for (int i = 0; i < 100_000; i++) {
            nested.u32(GgufValueType.ARRAY.id()).u64(1);
        }
        RawGguf strings = RawGguf.header(0, 1).array("words", GgufValueType.STRING, 2_000_000);
        strings.zeros(2_000_000 * 8);
        RawGguf arrays = RawGguf.header(0, 1).array("arrays", GgufValueType.ARRAY, 1_000_000);
        arrays.zeros(1_000_000 * 12);
        RawGguf lastBad = RawGguf.header(0, 1).array("bools", GgufValueType.BOOL, 20_000_000);
        lastBad.zeros(19_999_999).u8(7);
        return Stream.of(
                new Bomb("2^62 keys", RawGguf.header(0, 1L << 62).zeros(1000), true),
                new Bomb("2^31 keys", RawGguf.header(0, 1L << 31).zeros(1000), true),
                new Bomb("2^62 tensors", RawGguf.header(1L << 62, 0).zeros(1000), true),
                new Bomb("2^31 tensors", RawGguf.header(1L << 31, 0).zeros(1000), true),
                new Bomb("key of 2^62 bytes", RawGguf.header(0, 1).u64(1L << 62).zeros(1000), true),
                new Bomb("key of 30 MB", RawGguf.header(0, 1).u64(30_000_000).zeros(30_000_016), true),
                new Bomb(
                        "text of 2^31 bytes",
                        RawGguf.header(0, 1).key("t", GgufValueType.STRING).u64(1L << 31),
                        true),
                new Bomb(
                        "2^61 doubles",
                        RawGguf.header(0, 1)
                                .array("d", GgufValueType.FLOAT64, 1L << 61)
                                .zeros(1000),
                        true),
                new Bomb(
                        "2^40 texts",
                        RawGguf.header(0, 1)
                                .array("t", GgufValueType.STRING, 1L << 40)
                                .zeros(1000),
                        true),
                new Bomb("arrays nested 100000 deep", nested, true),
                new Bomb("20 million truth values, the last bad", lastBad, true),
                new Bomb("2 million empty texts", strings, false),
                new Bomb("a million empty arrays", arrays, false),
                new Bomb("tensor of 2^62 bytes", RawGguf.header(1, 0).tensor("t", GgmlType.I8, 0, 1L << 62), true),
                new Bomb(
                        "tensor of rank 2^31 - 1",
                        RawGguf.header(1, 0).string("t").u32(-1 >>> 1).zeros(1000),
                        true));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("bombs")
    void costsNoMoreThanItsSize(Bomb bomb) throws IOException {
        Path file = bomb.file.write(folder.resolve("bomb.gguf"));
        assertEquals(bomb.refused, refused(file), "refused");
        long bytes = assertTimeout(Duration.ofSeconds(20), () -> allocated(() -> refused(file)));
        long limit = Files.size(file) + LITTLE;
        assertTrue(bytes <= limit, bytes + " bytes allocated, at most " + limit + " wanted");
    }

    /** Keys and tensors are objects, some ten times as large as their descriptions; their number is limited instead. */
    @Test
    void asManyKeysAndTensorsAsThereMayBe() throws IOException {
        RawGguf raw = RawGguf.header(65_536, 16_384);
        for (int i = 0; i < 16_384; i++) {
            raw.key(Integer.toString(i, 36), GgufValueType.BOOL).u8(1);
        }
        for (int i = 0; i < 65_536; i++) {
            raw.tensor(Integer.toString(i, 36), GgmlType.I8, 32L * i, 1);
        }
        Path file = raw.pad(32).zeros(65_536 * 32).write(folder.resolve("many.gguf"));
        assertFalse(refused(file));
        long bytes = assertTimeout(Duration.ofSeconds(20), () -> allocated(() -> refused(file)));
        assertTrue(bytes < 64 << 20, bytes + " bytes allocated");
    }

    interface Action {
        void run() throws IOException;
    }

    /** Returns the bytes that the action allocates on the heap. */
    static long allocated(Action action) throws IOException {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        action.run();
        return threads.getCurrentThreadAllocatedBytes() - before;
    }

    private static boolean refused(Path file) throws IOException {
        try (GgufFile gguf = GgufFile.open(file)) {
            return gguf.parts().isEmpty();
        } catch (GgufFormatException e) {
            return true;
        }
    }
}
