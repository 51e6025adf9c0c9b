package dev.skald.kernels.attention;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.machine.MachineAttention;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * How a page of a KV cache holds the keys and values of {@link #POSITIONS} consecutive positions of one sequence, for all
 * layers.
 *
 * <p>A page is, for each layer and KV head, its keys and then its values, in float32 or in half precision. Keys stand with
 * their positions side by side, [key size][positions], so that scores are computed side by side in lanes and no sum runs
 * across lanes; values stand row by row, [positions][value size].
 *
 * <p>In half precision a number is rounded to the nearest, ties to even; one beyond 65,504 becomes that, so that no score
 * is infinite.
 *
 * @param layers how many layers
 * @param heads KV heads per layer
 * @param keySize numbers of a key
 * @param valueSize numbers of a value
 * @param type {@link GgmlType#F16} or {@link GgmlType#F32}
 */
public record KvLayout(int layers, int heads, int keySize, int valueSize, GgmlType type) {
    /** Positions in a page: as many as machine code is written for. */
    public static final int POSITIONS = MachineAttention.POSITIONS;

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if one is less than 1, or the type is another
     */
    public KvLayout {
        if (layers < 1 || heads < 1 || keySize < 1 || valueSize < 1) {
            throw new IllegalArgumentException(
                    "KV cache of " + layers + " layers, " + heads + " heads, sizes " + keySize + " and " + valueSize);
        }
        if (type != GgmlType.F16 && type != GgmlType.F32) {
            throw new IllegalArgumentException("a KV cache holds F16 or F32, not " + type);
        }
    }

    /**
     * The same shape in another type.
     *
     * @param other {@link GgmlType#F16} or {@link GgmlType#F32}
     * @return the layout
     * @throws IllegalArgumentException if it is neither
     */
    public KvLayout withType(GgmlType other) {
        return new KvLayout(layers, heads, keySize, valueSize, other);
    }

    /**
     * The size of a page.
     *
     * @return bytes
     */
    public long pageBytes() {
        return (long) layers * heads * headBytes();
    }

    /**
     * Stores the key and the value of all heads of a layer at a position.
     *
     * @param page the page of that position, aligned to 64 bytes
     * @param layer which layer
     * @param slot the position's place in the page, 0 to {@link #POSITIONS} - 1
     * @param k keys, head after head
     * @param ko index of the first
     * @param v values, head after head
     * @param vo index of the first
     */
    public void store(MemorySegment page, int layer, int slot, float[] k, int ko, float[] v, int vo) {
        int size = size();
        for (int h = 0; h < heads; h++) {
            long key = keys(layer, h) + (long) size * slot;
            long value = values(layer, h) + (long) size * slot * valueSize;
            if (type == GgmlType.F16) {
                AttentionKernels.encodeF16(k, ko + h * keySize, keySize, page, key, 2L * POSITIONS);
                AttentionKernels.encodeF16(v, vo + h * valueSize, valueSize, page, value, 2);
            } else {
                for (int d = 0; d < keySize; d++) {
                    page.set(ValueLayout.JAVA_FLOAT, key + 4L * POSITIONS * d, k[ko + h * keySize + d]);
                }
                MemorySegment.copy(v, vo + h * valueSize, page, ValueLayout.JAVA_FLOAT, value, valueSize);
            }
        }
    }

    /**
     * Fills the places of a page from one on with zeros, in all layers.
     *
     * @param page the page
     * @param slot the first place, 0 to {@link #POSITIONS}
     */
    public void clear(MemorySegment page, int slot) {
        long size = size();
        long places = POSITIONS - slot;
        for (int layer = 0; layer < layers; layer++) {
            for (int h = 0; h < heads; h++) {
                for (int d = 0; d < keySize; d++) {
                    long at = keys(layer, h) + size * ((long) d * POSITIONS + slot);
                    page.asSlice(at, size * places).fill((byte) 0);
                }
                page.asSlice(values(layer, h) + size * slot * valueSize, size * places * valueSize)
                        .fill((byte) 0);
            }
        }
    }

    /**
     * Moves the keys and values of consecutive positions, of all layers and heads, to earlier ones.
     *
     * @param from the page where they stand
     * @param fromSlot the first one's place in it
     * @param to the page where they go, which may be the same
     * @param toSlot the first one's place in it
     * @param count how many; within both pages
     * @param rope turns the keys on
     * @param delta by how many positions they move, less than 0
     */
    public void move(MemorySegment from, int fromSlot, MemorySegment to, int toSlot, int count, Rope rope, int delta) {
        long size = size();
        float[] keys = new float[keySize * count];
        float[] row = new float[count];
        for (int layer = 0; layer < layers; layer++) {
            for (int h = 0; h < heads; h++) {
                for (int d = 0; d < keySize; d++) {
                    read(from, keys(layer, h) + size * ((long) d * POSITIONS + fromSlot), count, row);
                    System.arraycopy(row, 0, keys, d * count, count);
                }
                rope.move(keys, count, delta);
                for (int d = 0; d < keySize; d++) {
                    write(keys, d * count, count, to, keys(layer, h) + size * ((long) d * POSITIONS + toSlot));
                }
                MemorySegment.copy(
                        from,
                        values(layer, h) + size * fromSlot * valueSize,
                        to,
                        values(layer, h) + size * toSlot * valueSize,
                        size * count * valueSize);
            }
        }
    }

    private void write(float[] x, int xo, int n, MemorySegment page, long bytes) {
        if (type == GgmlType.F16) {
            AttentionKernels.encodeF16(x, xo, n, page, bytes, 2);
        } else {
            MemorySegment.copy(x, xo, page, ValueLayout.JAVA_FLOAT, bytes, n);
        }
    }

    /** The keys of a head, as floats [key size][positions]. */
    void readKeys(MemorySegment page, int layer, int head, float[] y) {
        read(page, keys(layer, head), POSITIONS * keySize, y);
    }

    /** The first values of a head, as floats [positions][value size]. */
    void readValues(MemorySegment page, int layer, int head, int positions, float[] y) {
        read(page, values(layer, head), positions * valueSize, y);
    }

    /**
     * Numbers of the keys of a head in up to {@link AttentionKernels#PAGES} pages, [numbers][positions], at most {@link
     * AttentionKernels#SLICE} of each; those of page i from {@link
     * AttentionKernels#FIRST} + i x {@link AttentionKernels#PAGE} on.
     */
    void readKeys(List<MemorySegment> pages, int layer, int head, int from, int numbers, float[] y) {
        read(pages, keys(layer, head) + (long) size() * from * POSITIONS, numbers * POSITIONS, y);
    }

    /** As {@link #readKeys(List, int, int, int, int, float[])}: so many numbers of [positions][value size]. */
    void readValues(List<MemorySegment> pages, int layer, int head, int from, int count, float[] y) {
        read(pages, values(layer, head) + (long) size() * from, count, y);
    }

    private void read(List<MemorySegment> pages, long bytes, int n, float[] y) {
        if (type == GgmlType.F16) {
            AttentionKernels.decodeF16(pages, bytes, n, y);
        } else {
            AttentionKernels.BEST.copyF32(pages, bytes, n, y);
        }
    }

    private void read(MemorySegment page, long bytes, int n, float[] y) {
        if (type == GgmlType.F16) {
            AttentionKernels.decodeF16(page, bytes, n, y, 0);
        } else {
            MemorySegment.copy(page, ValueLayout.JAVA_FLOAT, bytes, y, 0, n);
        }
    }

    /** Byte offset of the keys of a head, behind which its values stand. */
    long keys(int layer, int head) {
        return (layer * (long) heads + head) * headBytes();
    }

    /** Byte offset of the values of a head. */
    private long values(int layer, int head) {
        return keys(layer, head) + (long) size() * POSITIONS * keySize;
    }

    private long headBytes() {
        return (long) size() * POSITIONS * (keySize + valueSize);
    }

    private int size() {
        return type == GgmlType.F16 ? 2 : 4;
    }
}
