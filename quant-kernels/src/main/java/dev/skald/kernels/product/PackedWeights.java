package dev.skald.kernels.product;

import dev.skald.kernels.format.QuantFormat;
import java.lang.foreign.MemorySegment;

/** The weights of a matrix in the order of some kernels, group of rows by group. */
interface PackedWeights {
    /** Rows of a group. */
    int groupRows();

    /** How many groups of rows. */
    int groups();

    /** The memory of all weights. */
    long bytes();

    /** All weights. */
    MemorySegment data();

    /**
     * Packs the rows of one group. Groups may be packed by several threads.
     *
     * @param format of the blocks
     * @param blocks rows of the matrix, among them all of the group
     * @param firstRow which row of the matrix is the first of those
     * @param rowBytes of blocks
     * @param group which group
     */
    void pack(QuantFormat format, MemorySegment blocks, int firstRow, long rowBytes, int group);
}
