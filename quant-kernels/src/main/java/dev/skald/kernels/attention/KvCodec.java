package dev.skald.kernels.attention;

import dev.skald.kernels.format.KvFormat;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * How the keys, and the values, of a head stand in a page, in one format. A head's keys are rows of {@link KvLayout#POSITIONS}
 * numbers, one row for each number of a key; its values are rows of as many numbers as a value has, one row a position. Offsets
 * are in bytes, of the first of all keys or values.
 */
interface KvCodec {
    /** Float32. */
    KvCodec SINGLE = new NumbersCodec(false);

    /** Half precision. */
    KvCodec HALF = new NumbersCodec(true);

    /** Bytes with scales. */
    KvCodec BYTES = new BytesCodec();

    /** That of a format. */
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

    /** Fills the keys from a position on with zeros. */
    void clearKeys(MemorySegment page, long keys, int size, int slot);

    /** Fills the values from a position on with zeros. */
    void clearValues(MemorySegment page, long values, int size, int slot);

    /** Copies the values of some positions, in the same page or to another. */
    void moveValues(
            MemorySegment from, int fromSlot, MemorySegment to, int toSlot, long values, int size, int positions);

    /** Some rows of the keys, as floats. */
    void readKeys(MemorySegment page, long keys, int size, int firstRow, int rows, float[] y, int yo);

    /** Some numbers of the values, counted from the first of all, as floats. */
    void readValues(MemorySegment page, long values, int size, int first, int count, float[] y, int yo);

    /** As the other, of up to {@link AttentionKernels#PAGES} pages, to where {@link AttentionKernels} has those. */
    default void readKeys(List<MemorySegment> pages, long keys, int size, int firstRow, int rows, float[] y) {
        for (int i = 0; i < pages.size(); i++) {
            readKeys(pages.get(i), keys, size, firstRow, rows, y, AttentionKernels.FIRST + i * AttentionKernels.PAGE);
        }
    }

    /** As the other, of up to {@link AttentionKernels#PAGES} pages, to where {@link AttentionKernels} has those. */
    default void readValues(List<MemorySegment> pages, long values, int size, int first, int count, float[] y) {
        for (int i = 0; i < pages.size(); i++) {
            readValues(pages.get(i), values, size, first, count, y, AttentionKernels.FIRST + i * AttentionKernels.PAGE);
        }
    }
}
