package dev.skald.runtime.state;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.attention.KvLayout;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sharing, writing and reading of sequences, seen through the bytes of their pages. */
class KvCacheTest {
    private static final KvLayout LAYOUT = new KvLayout(2, 3, 5, 7, GgmlType.F32);
    private static final int HEADER = 36;

    /** Fills positions with numbers that tell the text, the layer, the position and the place. */
    private static void fill(KvCache cache, int sequence, int from, int to, int text) {
        cache.extend(sequence, to);
        float[] k = new float[15];
        float[] v = new float[21];
        for (int p = from; p < to; p++) {
            for (int layer = 0; layer < 2; layer++) {
                for (int i = 0; i < k.length; i++) {
                    k[i] = number(text, layer, p, i);
                }
                for (int i = 0; i < v.length; i++) {
                    v[i] = number(text, layer, p, 100 + i);
                }
                cache.layers(sequence).get(layer).store(p, k, 0, v, 0);
            }
        }
    }

    private static float number(int text, int layer, int position, int i) {
        return text + layer * 0.5f + position * 1e-3f + i * 1e-6f;
    }

    /** Keys and values of a position are those of a text. A page is [layer][head]{keys [5][64], values [64][7]} floats. */
    private static void assertHolds(KvCache cache, int sequence, int from, int to, int text) {
        for (int p = from; p < to; p++) {
            MemorySegment page = cache.pages(sequence).get(p / 64);
            for (int layer = 0; layer < 2; layer++) {
                for (int head = 0; head < 3; head++) {
                    long block = (layer * 3L + head) * 64 * 12;
                    for (int d = 0; d < 5; d++) {
                        float key = page.getAtIndex(ValueLayout.JAVA_FLOAT, block + d * 64L + p % 64);
                        assertEquals(number(text, layer, p, head * 5 + d), key);
                    }
                    for (int d = 0; d < 7; d++) {
                        float value = page.getAtIndex(ValueLayout.JAVA_FLOAT, block + 5 * 64 + p % 64 * 7L + d);
                        assertEquals(number(text, layer, p, 100 + head * 7 + d), value);
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 200", "1, 200", "63, 200", "64, 200", "65, 200", "128, 128", "130, 130", "199, 200"})
    void aSharedBeginningGoesOnByItselfOnBothSides(int kept, int length) {
        try (KvCache one = new KvCache(LAYOUT, 1, 300);
                KvCache other = new KvCache(LAYOUT, 2, 300)) {
            fill(one, 0, 0, length, 1);
            fill(other, 1, 0, 10, 9);
            other.share(1, one, 0, kept);
            assertEquals(kept, other.length(1));
            fill(other, 1, kept, kept + 70, 2);
            one.truncate(0, Math.min(length, kept));
            fill(one, 0, kept, kept + 80, 3);
            assertHolds(one, 0, 0, kept, 1);
            assertHolds(one, 0, kept, kept + 80, 3);
            assertHolds(other, 1, 0, kept, 1);
            assertHolds(other, 1, kept, kept + 70, 2);
        }
    }

    @Test
    void sharingTakesNoMemoryAndWritingCopiesOnePage() {
        try (KvCache cache = new KvCache(LAYOUT, 3, 300)) {
            fill(cache, 0, 0, 150, 1);
            cache.share(1, cache, 0, 150);
            cache.share(2, cache, 1, 100);
            assertEquals(3 * LAYOUT.pageBytes(), cache.bytes());
            fill(cache, 1, 150, 151, 2);
            assertEquals(4 * LAYOUT.pageBytes(), cache.bytes());
            // The original's last page is its own again.
            fill(cache, 0, 150, 152, 3);
            assertEquals(4 * LAYOUT.pageBytes(), cache.bytes());
            assertHolds(cache, 0, 0, 150, 1);
            assertHolds(cache, 0, 150, 152, 3);
            assertHolds(cache, 1, 0, 150, 1);
            assertHolds(cache, 1, 150, 151, 2);
            assertHolds(cache, 2, 0, 100, 1);
        }
    }

    @Test
    void aSequenceSharesItsOwnBeginning() {
        try (KvCache cache = new KvCache(LAYOUT, 1, 300)) {
            fill(cache, 0, 0, 150, 1);
            cache.share(0, cache, 0, 70);
            assertEquals(70, cache.length(0));
            assertHolds(cache, 0, 0, 70, 1);
            fill(cache, 0, 70, 140, 2);
            assertHolds(cache, 0, 0, 70, 1);
            assertHolds(cache, 0, 70, 140, 2);
            assertEquals(3 * LAYOUT.pageBytes(), cache.bytes());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void sharedPagesOutliveWhoeverClosesFirst(boolean originalFirst) {
        KvCache one = new KvCache(LAYOUT, 1, 300);
        KvCache other = new KvCache(LAYOUT, 1, 300);
        fill(one, 0, 0, 150, 1);
        other.share(0, one, 0, 150);
        MemorySegment page = one.pages(0).get(0);
        KvCache left = originalFirst ? other : one;
        (originalFirst ? one : other).close();
        assertHolds(left, 0, 0, 150, 1);
        fill(left, 0, 150, 160, 2);
        assertHolds(left, 0, 0, 150, 1);
        left.close();
        assertTrue(!page.scope().isAlive(), "freed with the last");
    }

    @Test
    void aPageOfAnotherCacheIsNotReusedWhileThatHasIt() {
        try (KvCache one = new KvCache(LAYOUT, 1, 300);
                KvCache other = new KvCache(LAYOUT, 1, 300)) {
            fill(one, 0, 0, 64, 1);
            other.share(0, one, 0, 64);
            one.truncate(0, 0);
            fill(one, 0, 0, 64, 2);
            assertHolds(other, 0, 0, 64, 1);
            assertHolds(one, 0, 0, 64, 2);
        }
    }

    @Test
    void whatDoesNotFitIsNotShared() {
        try (KvCache one = new KvCache(LAYOUT, 1, 300);
                KvCache small = new KvCache(LAYOUT, 1, 100);
                KvCache half = new KvCache(LAYOUT.withType(GgmlType.F16), 1, 300)) {
            fill(one, 0, 0, 150, 1);
            assertThrows(IllegalArgumentException.class, () -> small.share(0, one, 0, 101));
            assertThrows(IllegalArgumentException.class, () -> small.share(0, one, 0, -1));
            assertThrows(IllegalArgumentException.class, () -> one.share(0, small, 0, 1));
            assertThrows(IllegalArgumentException.class, () -> half.share(0, one, 0, 1));
            assertEquals(0, small.length(0));
            assertHolds(one, 0, 0, 150, 1);
        }
    }

    private static byte[] written(KvCache cache, int sequence) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        cache.write(sequence, Channels.newChannel(bytes));
        return bytes.toByteArray();
    }

    private static int read(KvCache cache, byte[] bytes) throws IOException {
        return cache.read(0, Channels.newChannel(new ByteArrayInputStream(bytes)));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 64, 150, 192})
    void whatIsWrittenIsReadAndGoesOn(int length) throws IOException {
        try (KvCache one = new KvCache(LAYOUT, 2, 300);
                KvCache other = new KvCache(LAYOUT, 1, 300)) {
            fill(one, 1, 0, length, 1);
            byte[] bytes = written(one, 1);
            assertEquals(HEADER + Math.ceilDiv(length, 64) * LAYOUT.pageBytes(), bytes.length);
            fill(other, 0, 0, 70, 9);
            assertEquals(length, read(other, bytes));
            assertEquals(length, other.length(0));
            assertHolds(other, 0, 0, length, 1);
            fill(other, 0, length, length + 66, 2);
            assertHolds(other, 0, 0, length, 1);
            assertHolds(other, 0, length, length + 66, 2);
        }
    }

    @Test
    void theSameTextIsTheSameBytesWhateverStoodInItsPagesBefore() throws IOException {
        try (KvCache one = new KvCache(LAYOUT, 1, 300);
                KvCache other = new KvCache(LAYOUT, 1, 300)) {
            fill(one, 0, 0, 100, 1);
            fill(other, 0, 0, 250, 9);
            other.truncate(0, 0);
            fill(other, 0, 0, 100, 1);
            assertArrayEquals(written(one, 0), written(other, 0));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F16", "F32"})
    void pagesLargerThanAPieceGoThroughAFile(GgmlType type, @TempDir Path folder) throws IOException {
        KvLayout large = new KvLayout(3, 40, 300, 270, type);
        assertTrue(large.pageBytes() > 1 << 22);
        Path file = folder.resolve("sequence");
        try (KvCache one = new KvCache(large, 1, 100);
                KvCache other = new KvCache(large, 1, 100)) {
            one.extend(0, 64);
            MemorySegment page = one.pages(0).getFirst();
            for (long i = 0; i < page.byteSize() / 4; i++) {
                page.setAtIndex(ValueLayout.JAVA_INT, i, (int) (i * 0x9E3779B1));
            }
            try (FileChannel channel =
                    FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                one.write(0, channel);
            }
            try (FileChannel channel = FileChannel.open(file)) {
                assertEquals(64, other.read(0, channel));
            }
            assertEquals(-1, page.mismatch(other.pages(0).getFirst()));
        }
    }

    static Stream<Arguments> spoilt() {
        return Stream.of(
                Arguments.argumentSet("another kind of file", 0, 0x46554747, "begin with 46554747"),
                Arguments.argumentSet("another version", 4, 2, "version 1"),
                Arguments.argumentSet("more layers", 8, 3, "another model or type: [3, 3, 5, 7, 0, 64]"),
                Arguments.argumentSet("half precision", 24, 1, "another model or type: [2, 3, 5, 7, 1, 64]"),
                Arguments.argumentSet("a negative length", 32, -1, "-1 positions"),
                Arguments.argumentSet("more than the context", 32, 301, "301 positions, for a context of 300"),
                Arguments.argumentSet("more than there is", 32, 200, "bytes are missing"));
    }

    @ParameterizedTest
    @MethodSource("spoilt")
    void whatIsWrongIsNamedAndChangesNothing(int at, int number, String message) throws IOException {
        try (KvCache one = new KvCache(LAYOUT, 1, 300);
                KvCache other = new KvCache(LAYOUT, 1, 300)) {
            fill(one, 0, 0, 100, 1);
            byte[] bytes = written(one, 0);
            ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(at, number);
            fill(other, 0, 0, 70, 9);
            IOException error = assertThrows(IOException.class, () -> read(other, bytes));
            assertTrue(error.getMessage().contains(message), error::getMessage);
            assertEquals(70, other.length(0));
            assertHolds(other, 0, 0, 70, 9);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 35, 36, 5000})
    void anEarlyEndChangesNothing(int end) throws IOException {
        try (KvCache one = new KvCache(LAYOUT, 1, 300);
                KvCache other = new KvCache(LAYOUT, 1, 300)) {
            fill(one, 0, 0, 100, 1);
            byte[] bytes = written(one, 0);
            assertNotEquals(end, bytes.length);
            assertThrows(EOFException.class, () -> read(other, Arrays.copyOf(bytes, end)));
            assertEquals(0, other.length(0));
        }
    }
}
