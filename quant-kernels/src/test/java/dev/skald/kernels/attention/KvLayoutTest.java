package dev.skald.kernels.attention;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.Samples;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class KvLayoutTest {
    /** Halves by hand: 11 significant bits, ties to the even one, the largest 65504, the smallest 2^-24. */
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
        KvLayout layout = new KvLayout(1, 1, 1, 3, GgmlType.F16);
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
        KvLayout layout = new KvLayout(1, 1, 1, 1, GgmlType.F16);
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
    void everyHeadOfEveryLayerHasItsPlace(GgmlType type) {
        KvLayout layout = new KvLayout(3, 2, 5, 7, type);
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
        KvLayout layout = new KvLayout(2, 2, 3, 5, GgmlType.F16);
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

    @Test
    void halvesTakeHalf() {
        // 64 positions, 16 layers, 8 heads, 64 + 64 numbers.
        KvLayout floats = new KvLayout(16, 8, 64, 64, GgmlType.F32);
        assertEquals(64 * 16 * 8 * 128 * 4, floats.pageBytes());
        assertEquals(64 * 16 * 8 * 128 * 2, floats.withType(GgmlType.F16).pageBytes());
    }

    @ParameterizedTest
    @CsvSource({"0, 1, 1, 1, F16", "1, 0, 1, 1, F16", "1, 1, 0, 1, F16", "1, 1, 1, 0, F16", "1, 1, 1, 1, Q8_0"})
    void nonsenseIsRefused(int layers, int heads, int keySize, int valueSize, GgmlType type) {
        assertThrows(IllegalArgumentException.class, () -> new KvLayout(layers, heads, keySize, valueSize, type));
    }

    /** Five positions that straddle nothing, from one page to another and within one: as if they had been stored there. */
    @ParameterizedTest
    @EnumSource
    void movedPositionsAreAsIfStoredThere(Rope.Pairing pairing) {
        KvLayout layout = new KvLayout(2, 2, 10, 3, GgmlType.F32);
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
            layout.move(from, 30, to, 28, 5, rope, -40);
            layout.move(same, 30, same, 28, 5, rope, -40);
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
