package dev.skald.kernels.product;

import dev.skald.kernels.format.QuantFormat;
import dev.skald.kernels.machine.Machine;
import dev.skald.kernels.machine.MachineKernels;
import dev.skald.kernels.machine.MachineMatrix;
import dev.skald.kernels.pack.Packing;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Weights in the layout of the machine-code kernels. */
final class MachineWeights implements PackedWeights {
    /** The number of columns that are packed at a time, or a block if that is more. */
    private static final int TILE_COLUMNS = 256;

    private final MachineMatrix matrix;
    private final Packing packing;

    /** Allocates memory for a matrix; needs machine code. */
    MachineWeights(Packing packing, int rows, int columns, Arena arena) {
        this(packing, Machine.kernels().orElseThrow().matrix(packing, rows, columns, Machine.weightMemory(arena)));
    }

    /** Uses a matrix that has memory for the weights. */
    MachineWeights(Packing packing, MachineMatrix matrix) {
        this.packing = packing;
        this.matrix = matrix;
    }

    /** Returns the rows of a group. */
    static int lanes() {
        return Machine.kernels().orElseThrow().lanes();
    }

    /** Returns how many elements a matrix has with its padding. */
    static long filledUp(Packing packing, int rows, int columns) {
        MachineKernels kernels = Machine.kernels().orElseThrow();
        long lanes = kernels.lanes();
        return Math.ceilDiv(rows, lanes) * lanes * kernels.paddedColumns(packing, columns);
    }

    MachineMatrix matrix() {
        return matrix;
    }

    Packing packing() {
        return packing;
    }

    @Override
    public int groupRows() {
        return matrix.lanes();
    }

    @Override
    public int groups() {
        return matrix.groups();
    }

    @Override
    public long bytes() {
        return matrix.bytes();
    }

    @Override
    public MemorySegment data() {
        return matrix.data();
    }

    @Override
    public void pack(QuantFormat format, MemorySegment blocks, int firstRow, long rowBytes, int group) {
        int blocksOfRow = Math.ceilDiv(matrix.columns(), packing.blockColumns());
        int whole = packWhole(format, blocks, firstRow, rowBytes, group);
        if (whole == blocksOfRow) {
            return;
        }
        int blockBytes = (int) format.type().bytes(packing.blockColumns());
        int[] words = new int[packing.codeWords() + packing.scaleWords()];
        int[] codes = new int[packing.codeWords()];
        int atOnce = Math.max(1, TILE_COLUMNS / packing.blockColumns());
        // Padding rows of a group are never written, and stay zero.
        byte[] tile = new byte[atOnce * matrix.blockBytes()];
        int lanes = Math.min(groupRows(), matrix.rows() - group * groupRows());
        for (int b = whole; b < blocksOfRow; b += atOnce) {
            int n = Math.min(atOnce, blocksOfRow - b);
            for (int lane = 0; lane < lanes; lane++) {
                long row = ((long) group * groupRows() + lane - firstRow) * rowBytes;
                for (int i = 0; i < n; i++) {
                    format.packBlock(blocks, row + (long) (b + i) * blockBytes, row + rowBytes, words);
                    matrix.put(words, lane, tile, i * matrix.blockBytes(), codes);
                }
            }
            matrix.fill(group, b, tile, n);
        }
    }

    /** Packs the blocks that all rows of the group have as a whole by machine code, and returns how many these are. */
    private int packWhole(QuantFormat format, MemorySegment blocks, int firstRow, long rowBytes, int group) {
        int whole = matrix.columns() / packing.blockColumns();
        long at = ((long) group * groupRows() - firstRow) * rowBytes;
        boolean packed = Machine.kernels()
                .filter(kernels -> kernels.pack(matrix, format, blocks, at, rowBytes, group, whole))
                .isPresent();
        return packed ? whole : 0;
    }
}
