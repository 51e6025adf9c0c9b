package dev.skald.kernels.attention;

import dev.skald.kernels.format.KvFormat;
import dev.skald.kernels.machine.MachineAttention;
import dev.skald.kernels.machine.MachineAttention.Heads;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;

/**
 * The layout of a page of a KV cache, with the keys and values of {@link #POSITIONS} consecutive positions of one
 * sequence, for all layers.
 *
 * <p>For each layer and KV head, a page has the keys and then the values, in one format. In the keys, positions are
 * side by side, [key size][positions], so that scores are computed in lanes and no sum runs across lanes. The values
 * are stored row by row, [positions][value size].
 *
 * <p>In half precision numbers are rounded to nearest, ties to even. Numbers beyond 65,504 become 65,504, so that no
 * score is infinite.
 *
 * @param layers the number of layers
 * @param heads KV heads per layer
 * @param keySize the number of values in a key
 * @param valueSize the number of values in a value vector
 * @param format the format of the numbers
 */
public record KvLayout(int layers, int heads, int keySize, int valueSize, KvFormat format) {
    /** The number of positions in a page. Machine code is written for this number. */
    public static final int POSITIONS = MachineAttention.POSITIONS;

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if one is less than 1
     */
    public KvLayout {
        if (layers < 1 || heads < 1 || keySize < 1 || valueSize < 1) {
            throw new IllegalArgumentException(
                    "KV cache of " + layers + " layers, " + heads + " heads, sizes " + keySize + " and " + valueSize);
        }
        Objects.requireNonNull(format);
    }

    /**
     * Returns the size of a page.
     *
     * @return the size in bytes
     */
    public long pageBytes() {
        return (long) layers * heads * form().bytes();
    }

    /**
     * Stores the key and the value of all heads of a layer at a position.
     *
     * @param page the page of that position, aligned to 64 bytes
     * @param layer the index of the layer
     * @param slot the position's place in the page, 0 to {@link #POSITIONS} - 1
     * @param k keys, head after head
     * @param ko index of the first key
     * @param v values, head after head
     * @param vo index of the first value
     */
    public void store(MemorySegment page, int layer, int slot, float[] k, int ko, float[] v, int vo) {
        KvCodec codec = codec();
        for (int h = 0; h < heads; h++) {
            codec.storeKey(page, keys(layer, h), keySize, slot, k, ko + h * keySize);
            codec.storeValue(page, values(layer, h), valueSize, slot, v, vo + h * valueSize);
        }
    }

    /**
     * Fills the places of a page with zeros, from the given place on, in all layers.
     *
     * @param page the page
     * @param slot the first place, 0 to {@link #POSITIONS}
     */
    public void clear(MemorySegment page, int slot) {
        for (int layer = 0; layer < layers; layer++) {
            for (int h = 0; h < heads; h++) {
                codec().clearKeys(page, keys(layer, h), keySize, slot);
                codec().clearValues(page, values(layer, h), valueSize, slot);
            }
        }
    }

    /**
     * Moves the keys and values of consecutive positions, of all layers and heads, to earlier ones.
     *
     * @param from the page that they are in
     * @param fromSlot the first place in that page
     * @param to the target page, which may be the same
     * @param toSlot the first place in the target page
     * @param count the number of positions; they must be within both pages
     * @param ropes the rotation of each layer's keys; null for none
     * @param delta the number of positions to move by, less than 0
     */
    public void move(
            MemorySegment from, int fromSlot, MemorySegment to, int toSlot, int count, List<Rope> ropes, int delta) {
        float[] page = new float[keySize * POSITIONS];
        float[] moved = new float[keySize * count];
        float[] key = new float[keySize];
        for (int layer = 0; layer < layers; layer++) {
            for (int h = 0; h < heads; h++) {
                codec().readKeys(from, keys(layer, h), keySize, 0, keySize, page, 0);
                for (int d = 0; d < keySize; d++) {
                    System.arraycopy(page, d * POSITIONS + fromSlot, moved, d * count, count);
                }
                if (ropes.get(layer) != null) {
                    ropes.get(layer).move(moved, count, delta);
                }
                for (int i = 0; i < count; i++) {
                    for (int d = 0; d < keySize; d++) {
                        key[d] = moved[d * count + i];
                    }
                    codec().storeKey(to, keys(layer, h), keySize, toSlot + i, key, 0);
                }
                codec().moveValues(from, fromSlot, to, toSlot, values(layer, h), valueSize, count);
            }
        }
    }

    /** Reads the keys of a head, as floats [key size][positions]. */
    void readKeys(MemorySegment page, int layer, int head, float[] y) {
        codec().readKeys(page, keys(layer, head), keySize, 0, keySize, y, 0);
    }

    /** Reads the values of the first positions of a head, as floats [positions][value size]. */
    void readValues(MemorySegment page, int layer, int head, int positions, float[] y) {
        codec().readValues(page, values(layer, head), valueSize, 0, positions * valueSize, y, 0);
    }

    /**
     * Reads some rows of the keys of a head in up to {@link AttentionKernels#PAGES} pages, as [numbers][positions], at
     * most {@link AttentionKernels#SLICE} of each; those of page i from {@link AttentionKernels#FIRST} + i x {@link
     * AttentionKernels#PAGE} on.
     */
    void readKeys(List<MemorySegment> pages, int layer, int head, int from, int numbers, float[] y) {
        codec().readKeys(pages, keys(layer, head), keySize, from, numbers, y);
    }

    /** As {@link #readKeys(List, int, int, int, int, float[])}, for consecutive numbers of [positions][value size]. */
    void readValues(List<MemorySegment> pages, int layer, int head, int from, int count, float[] y) {
        codec().readValues(pages, values(layer, head), valueSize, from, count, y);
    }

    /** Returns the description of this layout for machine code. */
    Heads form() {
        return new Heads(keySize, valueSize, format);
    }

    /** Returns the byte offset of the keys of a head. Its values follow. */
    long keys(int layer, int head) {
        return (layer * (long) heads + head) * form().bytes();
    }

    /** Returns the byte offset of the values of a head. */
    private long values(int layer, int head) {
        return keys(layer, head) + form().keyBytes();
    }

    private KvCodec codec() {
        return KvCodec.of(format);
    }
}
