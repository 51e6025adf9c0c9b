package dev.skald.kernels.ops;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * How a page of a KV cache holds the keys and values of {@link #POSITIONS} consecutive positions of one sequence, for all
 * layers.
 *
 * <p>A page is, for each layer and KV head, its keys and then its values, in float32. Keys stand position by position
 * within groups of 16, [positions / 16][key size][16], so that 16 scores are computed side by side in lanes and no sum
 * runs across lanes; values stand row by row, [positions][value size].
 */
public final class KvLayout {
    /** Positions in a page. */
    public static final int POSITIONS = 64;

    /** Positions whose scores are computed side by side. */
    static final int GROUP = 16;

    private final int layers;
    private final int heads;
    private final int keySize;
    private final int valueSize;

    /**
     * The layout for a model's shape.
     *
     * @param layers how many layers
     * @param heads KV heads per layer
     * @param keySize floats of a key
     * @param valueSize floats of a value
     * @throws IllegalArgumentException if one is less than 1
     */
    public KvLayout(int layers, int heads, int keySize, int valueSize) {
        if (layers < 1 || heads < 1 || keySize < 1 || valueSize < 1) {
            throw new IllegalArgumentException(
                    "KV cache of " + layers + " layers, " + heads + " heads, sizes " + keySize + " and " + valueSize);
        }
        this.layers = layers;
        this.heads = heads;
        this.keySize = keySize;
        this.valueSize = valueSize;
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
     * KV heads per layer.
     *
     * @return how many
     */
    public int heads() {
        return heads;
    }

    /**
     * Floats of a key.
     *
     * @return how many
     */
    public int keySize() {
        return keySize;
    }

    /**
     * Floats of a value.
     *
     * @return how many
     */
    public int valueSize() {
        return valueSize;
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
        for (int h = 0; h < heads; h++) {
            long key = keys(layer, h, slot - slot % GROUP) + 4L * (slot % GROUP);
            for (int d = 0; d < keySize; d++) {
                page.set(ValueLayout.JAVA_FLOAT, key + 4L * GROUP * d, k[ko + h * keySize + d]);
            }
            MemorySegment.copy(v, vo + h * valueSize, page, ValueLayout.JAVA_FLOAT, values(layer, h, slot), valueSize);
        }
    }

    /** Byte offset of the keys of a head, from a slot that is a multiple of {@link #GROUP} on. */
    long keys(int layer, int head, int slot) {
        return (layer * (long) heads + head) * headBytes() + 4L * slot * keySize;
    }

    /** Byte offset of the values of a head, from a slot on. */
    long values(int layer, int head, int slot) {
        return (layer * (long) heads + head) * headBytes() + 4L * POSITIONS * keySize + 4L * slot * valueSize;
    }

    private long headBytes() {
        return 4L * POSITIONS * (keySize + valueSize);
    }
}
