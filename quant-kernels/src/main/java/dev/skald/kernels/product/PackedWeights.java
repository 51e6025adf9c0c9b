package dev.skald.kernels.product;

import dev.skald.kernels.format.QuantFormat;
import java.lang.foreign.MemorySegment;

/** The weights of a matrix in the order that some kernels need, by groups of rows. */
interface PackedWeights {
    /** Returns the rows of a group. */
    int groupRows();

    /** Returns the number of groups of rows. */
    int groups();

    /** Returns the memory of all weights in bytes. */
    long bytes();

    /** Returns all weights. */
    MemorySegment data();

    /**
     * Packs the rows of one group. Groups may be packed by several threads.
     *
     * @param format the format of the blocks
     * @param blocks rows of the matrix, among them all of the group
     * @param firstRow the index of their first row in the matrix
     * @param rowBytes the bytes of a row of blocks
     * @param group the index of the group
     */
    void pack(QuantFormat format, MemorySegment blocks, int firstRow, long rowBytes, int group);
}
