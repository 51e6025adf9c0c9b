package dev.skald.kernels.attention;

import dev.skald.kernels.format.KvFormat;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * The layout of the keys and values of a head in a page, in one format. A head's keys are rows of {@link
 * KvLayout#POSITIONS} values, one row for each dimension of a key. Its values are one row for each position. Offsets
 * are in bytes, and point to the first key or the first value.
 */
interface KvCodec {
    /** Float32. */
    KvCodec SINGLE = new NumbersCodec(false);

    /** Half precision. */
    KvCodec HALF = new NumbersCodec(true);

    /** Bytes with scales. */
    KvCodec BYTES = new BytesCodec();

    /** Returns the codec of a format. */
    static KvCodec of(KvFormat format) {
        return switch (format) {
            case F32 -> SINGLE;
            case F16 -> HALF;
            case Q8_0 -> BYTES;
        };
    }

    /** Stores the key of a position. */
    void storeKey(MemorySegment page, long keys, int size, int slot, float[] k, int ko);

    /** Stores the value of a position. */
    void storeValue(MemorySegment page, long values, int size, int slot, float[] v, int vo);

    /** Fills the keys with zeros, from a position on. */
    void clearKeys(MemorySegment page, long keys, int size, int slot);

    /** Fills the values with zeros, from a position on. */
    void clearValues(MemorySegment page, long values, int size, int slot);

    /** Copies the values of some positions, within a page or to another page. */
    void moveValues(
            MemorySegment from, int fromSlot, MemorySegment to, int toSlot, long values, int size, int positions);

    /** Reads some rows of the keys, as floats. */
    void readKeys(MemorySegment page, long keys, int size, int firstRow, int rows, float[] y, int yo);

    /** Reads some consecutive values, as floats. The index counts from the first value of all. */
    void readValues(MemorySegment page, long values, int size, int first, int count, float[] y, int yo);

    /**
     * As the method for one page, for up to {@link AttentionKernels#PAGES} pages, in the layout of {@link
     * AttentionKernels}.
     */
    default void readKeys(List<MemorySegment> pages, long keys, int size, int firstRow, int rows, float[] y) {
        for (int i = 0; i < pages.size(); i++) {
            readKeys(pages.get(i), keys, size, firstRow, rows, y, AttentionKernels.FIRST + i * AttentionKernels.PAGE);
        }
    }

    /**
     * As the method for one page, for up to {@link AttentionKernels#PAGES} pages, in the layout of {@link
     * AttentionKernels}.
     */
    default void readValues(List<MemorySegment> pages, long values, int size, int first, int count, float[] y) {
        for (int i = 0; i < pages.size(); i++) {
            readValues(pages.get(i), values, size, first, count, y, AttentionKernels.FIRST + i * AttentionKernels.PAGE);
        }
    }
}
