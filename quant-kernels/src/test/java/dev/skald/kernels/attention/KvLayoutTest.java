package dev.skald.kernels.attention;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.kernels.Samples;
import dev.skald.kernels.format.KvFormat;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class KvLayoutTest {
    /** Half-precision numbers worked out by hand: 11 significant bits, ties to even, at most 65504, at least 2^-24. */
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "-0, 8000",
        "1, 3c00",
        "-2, c000",
        "1.00048828125, 3c00",
        "1.0009765625, 3c01",
        "1.00146484375, 3c02",
        "0.333333343, 3555",
        "65504, 7bff",
        "65519, 7bff",
        "65520, 7bff",
        "1e30, 7bff",
        "-1e30, fbff",
        "Infinity, 7bff",
        "-Infinity, fbff",
        "6.103515625e-5, 0400",
        "5.9604645e-8, 0001",
        "2e-8, 0000",
        "-8.940697e-8, 8002",
    })
    void halvesAreRoundedToNearestAndHeldInRange(float number, String bits) {
        KvLayout layout = new KvLayout(1, 1, 1, 3, KvFormat.F16);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment page = arena.allocate(layout.pageBytes(), 64);
            layout.store(page, 0, 5, new float[] {number}, 0, new float[] {1, number, 2}, 0);
            int expected = Integer.parseInt(bits, 16);
            assertEquals(expected, page.get(ValueLayout.JAVA_SHORT, 2 * 5) & 0xFFFF);
            assertEquals(expected, page.get(ValueLayout.JAVA_SHORT, 2 * (64 + 3 * 5 + 1)) & 0xFFFF);
        }
    }

    @Test
    void whatIsNoNumberStaysNone() {
        KvLayout layout = new KvLayout(1, 1, 1, 1, KvFormat.F16);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment page = arena.allocate(layout.pageBytes(), 64);
            layout.store(page, 0, 0, new float[] {Float.NaN}, 0, new float[] {Float.NaN}, 0);
            float[] y = new float[64];
            layout.readKeys(page, 0, 0, y);
            assertTrue(Float.isNaN(y[0]));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F16", "F32"})
    void everyHeadOfEveryLayerHasItsPlace(KvFormat format) {
        KvLayout layout = new KvLayout(3, 2, 5, 7, format);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment page = arena.allocate(layout.pageBytes(), 64);
            float[][][] k = new float[3][64][];
            float[][][] v = new float[3][64][];
            for (int layer = 0; layer < 3; layer++) {
                for (int slot = 0; slot < 64; slot++) {
                    k[layer][slot] = halves(Samples.normal(10, 1000 + 64 * layer + slot));
                    v[layer][slot] = halves(Samples.normal(14, 2000 + 64 * layer + slot));
                    layout.store(page, layer, slot, k[layer][slot], 0, v[layer][slot], 0);
                }
            }
            float[] y = new float[64 * 7];
            for (int layer = 0; layer < 3; layer++) {
                for (int head = 0; head < 2; head++) {
                    layout.readKeys(page, layer, head, y);
                    for (int i = 0; i < 64 * 5; i++) {
                        assertEquals(k[layer][i % 64][5 * head + i / 64], y[i]);
                    }
                    layout.readValues(page, layer, head, 64, y);
                    for (int i = 0; i < 64 * 7; i++) {
                        assertEquals(v[layer][i / 7][7 * head + i % 7], y[i]);
                    }
                }
            }
        }
    }

    private static float[] halves(float[] x) {
        for (int i = 0; i < x.length; i++) {
            x[i] = Float.float16ToFloat(Float.floatToFloat16(x[i]));
        }
        return x;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 63, 64})
    void clearingLeavesWhatStandsBefore(int slot) {
        KvLayout layout = new KvLayout(2, 2, 3, 5, KvFormat.F16);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment filled = arena.allocate(layout.pageBytes(), 64).fill((byte) 0x55);
            MemorySegment expected = arena.allocate(layout.pageBytes(), 64);
            float five = Float.float16ToFloat((short) 0x5555);
            float[] k = {five, five, five, five, five, five};
            float[] v = {five, five, five, five, five, five, five, five, five, five};
            for (int s = 0; s < slot; s++) {
                layout.store(expected, 0, s, k, 0, v, 0);
                layout.store(expected, 1, s, k, 0, v, 0);
            }
            layout.clear(filled, slot);
            assertArrayEquals(expected.toArray(ValueLayout.JAVA_BYTE), filled.toArray(ValueLayout.JAVA_BYTE));
        }
    }

    /** What is read of keys and values of several blocks, some of which are not full, in any place of a page. */
    @ParameterizedTest
    @CsvSource({"64, 64", "80, 72", "7, 100", "1, 1"})
    void bytesAreRoundedToAHalfOfTheirScale(int keySize, int valueSize) {
        KvLayout layout = new KvLayout(2, 2, keySize, valueSize, KvFormat.Q8_0);
        float[][] k = new float[64][];
        float[][] v = new float[64][];
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment page = arena.allocate(layout.pageBytes(), 64).fill((byte) -1);
            for (int slot = 0; slot < 64; slot++) {
                k[slot] = Samples.normal(2 * keySize, 1000 + slot);
                v[slot] = Samples.normal(2 * valueSize, 2000 + slot);
                layout.store(page, 1, slot, k[slot], 0, v[slot], 0);
            }
            float[] y = new float[64 * Math.max(keySize, valueSize)];
            for (int head = 0; head < 2; head++) {
                layout.readKeys(page, 1, head, y);
                for (int i = 0; i < 64 * keySize; i++) {
                    assertClose(k[i % 64], head * keySize, keySize, i / 64, y[i]);
                }
                layout.readValues(page, 1, head, 64, y);
                for (int i = 0; i < 64 * valueSize; i++) {
                    assertClose(v[i / valueSize], head * valueSize, valueSize, i % valueSize, y[i]);
                }
            }
        }
    }

    /** A scale is the largest magnitude of a block by 127. ggml's is the same, but rounded to 11 bits. */
    private static void assertClose(float[] x, int head, int size, int i, float found) {
        int first = i / 32 * 32;
        float most = 0;
        for (int at = first; at < Math.min(size, first + 32); at++) {
            most = Math.max(most, Math.abs(x[head + at]));
        }
        assertEquals(x[head + i], found, most / 127 * (0.5 + 1e-4));
    }

    /** Large, small and infinite numbers, zeros and NaN. A NaN makes the other numbers of its block NaN too. */
    @Test
    void bytesOfUnusualNumbers() {
        KvLayout layout = new KvLayout(1, 1, 2, 1, KvFormat.Q8_0);
        float max = Float.MAX_VALUE;
        float[][] pairs = {{0, 0}, {max, 1}, {-max, max}, {Float.POSITIVE_INFINITY, 1}, {1e-38f, 0}, {Float.NaN, 1}};
        float most = 3e38f;
        float[][] expected = {{0, 0}, {most, 0}, {-most, most}, {most, 0}, {0, 0}, {Float.NaN, Float.NaN}};
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment page = arena.allocate(layout.pageBytes(), 64);
            for (int i = 0; i < pairs.length; i++) {
                layout.store(page, 0, i, pairs[i], 0, pairs[i], 0);
            }
            float[] y = new float[128];
            layout.readKeys(page, 0, 0, y);
            for (int i = 0; i < pairs.length; i++) {
                for (int d = 0; d < 2; d++) {
                    float found = y[64 * d + i];
                    // A scale is rounded, and what it scales.
                    float wanted = expected[i][d];
                    boolean right = Float.isNaN(wanted) ? Float.isNaN(found) : Math.abs(found - wanted) <= 1e-6f * most;
                    assertTrue(wanted == 0 ? found == 0 : right, wanted + " became " + found);
                }
            }
        }
    }

    @Test
    void bytesTakeNineSixteenthsOfHalves() {
        assertEquals(64 * 16 * 8 * (128 + 4 * 4), new KvLayout(16, 8, 64, 64, KvFormat.Q8_0).pageBytes());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 63, 64})
    void clearingBytesLeavesWhatStandsBefore(int slot) {
        KvLayout layout = new KvLayout(2, 2, 40, 33, KvFormat.Q8_0);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment filled = arena.allocate(layout.pageBytes(), 64);
            MemorySegment expected = arena.allocate(layout.pageBytes(), 64);
            for (int s = 0; s < 64; s++) {
                for (int layer = 0; layer < 2; layer++) {
                    float[] k = Samples.normal(80, s);
                    float[] v = Samples.normal(66, s);
                    layout.store(filled, layer, s, k, 0, v, 0);
                    if (s < slot) {
                        layout.store(expected, layer, s, k, 0, v, 0);
                    }
                }
            }
            layout.clear(filled, slot);
            assertArrayEquals(expected.toArray(ValueLayout.JAVA_BYTE), filled.toArray(ValueLayout.JAVA_BYTE));
        }
    }

    /** Keys are rounded once more, values not. */
    @Test
    void movedBytesAreAlmostAsIfStoredThere() {
        KvLayout layout = new KvLayout(1, 2, 40, 33, KvFormat.Q8_0);
        Rope rope = new Rope(Rope.Pairing.HALVES, RopeScaling.plain(40, 10000), 1);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment page = arena.allocate(layout.pageBytes(), 64);
            MemorySegment other = arena.allocate(layout.pageBytes(), 64);
            float[] table = new float[40];
            for (int s = 0; s < 64; s++) {
                float[] k = Samples.normal(80, s);
                float[] v = Samples.normal(66, s);
                float[] turned = k.clone();
                rope.fill(100 + s, table, 0);
                rope.apply(turned, 0, 2, 40, table, 0);
                layout.store(page, 0, s, turned, 0, v, 0);
                if (s >= 20) {
                    rope.fill(80 + s, table, 0);
                    rope.apply(k, 0, 2, 40, table, 0);
                    layout.store(other, 0, s - 20, k, 0, v, 0);
                }
            }
            layout.move(page, 20, page, 0, 44, List.of(rope), -20);
            float[] found = new float[64 * 40];
            float[] expected = new float[64 * 40];
            for (int head = 0; head < 2; head++) {
                layout.readKeys(page, 0, head, found);
                layout.readKeys(other, 0, head, expected);
                for (int i = 0; i < found.length; i++) {
                    if (i % 64 < 44) {
                        // Of numbers up to 4: each of a pair was rounded, and then the result.
                        assertEquals(expected[i], found[i], 4 / 254f * 3.5f);
                    }
                }
                layout.readValues(page, 0, head, 44, found);
                layout.readValues(other, 0, head, 44, expected);
                assertArrayEquals(Arrays.copyOf(expected, 44 * 33), Arrays.copyOf(found, 44 * 33));
            }
        }
    }

    @Test
    void halvesTakeHalf() {
        // 64 positions, 16 layers, 8 heads, 64 + 64 numbers.
        KvLayout floats = new KvLayout(16, 8, 64, 64, KvFormat.F32);
        assertEquals(64 * 16 * 8 * 128 * 4, floats.pageBytes());
        assertEquals(64 * 16 * 8 * 128 * 2, new KvLayout(16, 8, 64, 64, KvFormat.F16).pageBytes());
    }

    @ParameterizedTest
    @CsvSource({"0, 1, 1, 1", "1, 0, 1, 1", "1, 1, 0, 1", "1, 1, 1, 0"})
    void nonsenseIsRefused(int layers, int heads, int keySize, int valueSize) {
        assertThrows(
                IllegalArgumentException.class, () -> new KvLayout(layers, heads, keySize, valueSize, KvFormat.F16));
    }

    /** Five positions that straddle nothing, from one page to another and within one: as if they had been stored there. */
    @ParameterizedTest
    @EnumSource
    void movedPositionsAreAsIfStoredThere(Rope.Pairing pairing) {
        KvLayout layout = new KvLayout(2, 2, 10, 3, KvFormat.F32);
        Rope rope = new Rope(pairing, RopeScaling.plain(8, 10000), 1.25f);
        float[] k = Samples.normal(5 * 20, 1);
        float[] v = Samples.normal(5 * 6, 2);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment from = arena.allocate(layout.pageBytes(), 64);
            MemorySegment same = arena.allocate(layout.pageBytes(), 64);
            MemorySegment to = arena.allocate(layout.pageBytes(), 64);
            MemorySegment expected = arena.allocate(layout.pageBytes(), 64);
            for (int layer = 0; layer < 2; layer++) {
                for (int i = 0; i < 5; i++) {
                    layout.store(from, layer, 30 + i, turned(rope, k, i, 100 + i), 0, v, 6 * i);
                    layout.store(same, layer, 30 + i, turned(rope, k, i, 100 + i), 0, v, 6 * i);
                    layout.store(expected, layer, 28 + i, turned(rope, k, i, 60 + i), 0, v, 6 * i);
                }
            }
            List<Rope> ropes = List.of(rope, rope);
            layout.move(from, 30, to, 28, 5, ropes, -40);
            layout.move(same, 30, same, 28, 5, ropes, -40);
            layout.clear(same, 33);
            assertArrayEquals(floats(expected), floats(to), 1e-5f);
            assertArrayEquals(floats(expected), floats(same), 1e-5f);
        }
    }

    private static float[] floats(MemorySegment page) {
        return page.toArray(ValueLayout.JAVA_FLOAT);
    }

    /** The two heads of a position, turned for it. */
    private static float[] turned(Rope rope, float[] k, int index, int position) {
        float[] heads = Arrays.copyOfRange(k, 20 * index, 20 * (index + 1));
        float[] table = new float[rope.dims()];
        rope.fill(position, table, 0);
        rope.apply(heads, 0, 2, 10, table, 0);
        return heads;
    }
}
