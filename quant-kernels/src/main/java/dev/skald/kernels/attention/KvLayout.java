package dev.skald.kernels.attention;

import dev.skald.kernels.format.KvFormat;
import dev.skald.kernels.machine.MachineAttention;
import dev.skald.kernels.machine.MachineAttention.Heads;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;

/**
 * How a page of a KV cache holds the keys and values of {@link #POSITIONS} consecutive positions of one sequence, for all
 * layers.
 *
 * <p>A page is, for each layer and KV head, its keys and then its values, in one format. Keys stand with their positions side by
 * side, [key size][positions], so that scores are computed side by side in lanes and no sum runs
 * across lanes; values stand row by row, [positions][value size].
 *
 * <p>In half precision a number is rounded to the nearest, ties to even; one beyond 65,504 becomes that, so that no score
 * is infinite.
 *
 * @param layers how many layers
 * @param heads KV heads per layer
 * @param keySize numbers of a key
 * @param valueSize numbers of a value
 * @param format how numbers are kept
 */
public record KvLayout(int layers, int heads, int keySize, int valueSize, KvFormat format) {
    /** Positions in a page: as many as machine code is written for. */
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
     * The size of a page.
     *
     * @return bytes
     */
    public long pageBytes() {
        return (long) layers * heads * form().bytes();
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
        KvCodec codec = codec();
        for (int h = 0; h < heads; h++) {
            codec.storeKey(page, keys(layer, h), keySize, slot, k, ko + h * keySize);
            codec.storeValue(page, values(layer, h), valueSize, slot, v, vo + h * valueSize);
        }
    }

    /**
     * Fills the places of a page from one on with zeros, in all layers.
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
     * @param from the page where they stand
     * @param fromSlot the first one's place in it
     * @param to the page where they go, which may be the same
     * @param toSlot the first one's place in it
     * @param count how many; within both pages
     * @param ropes of each layer what turns its keys; null if nothing does
     * @param delta by how many positions they move, less than 0
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

    /** The keys of a head, as floats [key size][positions]. */
    void readKeys(MemorySegment page, int layer, int head, float[] y) {
        codec().readKeys(page, keys(layer, head), keySize, 0, keySize, y, 0);
    }

    /** The first values of a head, as floats [positions][value size]. */
    void readValues(MemorySegment page, int layer, int head, int positions, float[] y) {
        codec().readValues(page, values(layer, head), valueSize, 0, positions * valueSize, y, 0);
    }

    /**
     * Numbers of the keys of a head in up to {@link AttentionKernels#PAGES} pages, [numbers][positions], at most {@link
     * AttentionKernels#SLICE} of each; those of page i from {@link
     * AttentionKernels#FIRST} + i x {@link AttentionKernels#PAGE} on.
     */
    void readKeys(List<MemorySegment> pages, int layer, int head, int from, int numbers, float[] y) {
        codec().readKeys(pages, keys(layer, head), keySize, from, numbers, y);
    }

    /** As {@link #readKeys(List, int, int, int, int, float[])}: so many numbers of [positions][value size]. */
    void readValues(List<MemorySegment> pages, int layer, int head, int from, int count, float[] y) {
        codec().readValues(pages, values(layer, head), valueSize, from, count, y);
    }

    /** What machine code calls this. */
    Heads form() {
        return new Heads(keySize, valueSize, format);
    }

    /** Byte offset of the keys of a head, behind which its values stand. */
    long keys(int layer, int head) {
        return (layer * (long) heads + head) * form().bytes();
    }

    /** Byte offset of the values of a head. */
    private long values(int layer, int head) {
        return keys(layer, head) + form().keyBytes();
    }

    private KvCodec codec() {
        return KvCodec.of(format);
    }
}
