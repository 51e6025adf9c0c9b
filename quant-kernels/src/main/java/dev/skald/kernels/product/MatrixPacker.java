package dev.skald.kernels.product;

import dev.skald.kernels.KernelKind;
import dev.skald.kernels.format.QuantFormat;
import dev.skald.kernels.pack.Packing;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Packs a matrix for faster kernels piece by piece, so that only a few pieces of its blocks are in memory at a time. Pieces may
 * come in any order and from several threads.
 */
public final class MatrixPacker {
    private final QuantMatrix matrix;
    private final PackedWeights target;
    private final int groupRows;
    private final int groupsOfPiece;

    /**
     * Allocates the packed weights, and writes zeros to all of them.
     *
     * @param kind the kernels to pack for
     * @param matrix the matrix in place; when it is packed, single rows are still decoded from there
     * @param pieceBytes the greatest size of a piece, unless one group of rows is larger
     * @param arena holds the packed weights
     * @throws IllegalStateException if the kernels are {@linkplain KernelKind#refusal(QuantFormat) refused}, or are in place
     * @throws IllegalArgumentException if {@code pieceBytes} is less than 1
     */
    public MatrixPacker(KernelKind kind, QuantMatrix matrix, long pieceBytes, Arena arena) {
        groupRows = groupRows(kind, matrix);
        this.matrix = matrix;
        groupsOfPiece = groupsOfPiece(matrix, pieceBytes, groupRows);
        Packing packing = matrix.format().packing();
        target = kind == KernelKind.MACHINE_CODE
                ? new MachineWeights(packing, matrix.rows(), matrix.columns(), arena)
                : new PackedMatrix(packing, matrix.rows(), matrix.columns(), arena);
    }

    private static int groupRows(KernelKind kind, QuantMatrix matrix) {
        if (kind == KernelKind.IN_PLACE) {
            throw new IllegalStateException(matrix + " is not packed for kernels that use weights in place");
        }
        kind.refusal(matrix.format()).ifPresent(why -> {
            throw new IllegalStateException(matrix + " cannot be packed for " + kind + ": " + why);
        });
        return kind == KernelKind.MACHINE_CODE ? MachineWeights.lanes() : PackedMatrix.LANES;
    }

    /**
     * Returns how many pieces a matrix has.
     *
     * @param kind the kernels to pack for
     * @param matrix the matrix to pack
     * @param pieceBytes as for the constructor
     * @return at least 1
     * @throws IllegalStateException if the kernels are refused, or are in place
     * @throws IllegalArgumentException if {@code pieceBytes} is less than 1
     */
    public static int pieces(KernelKind kind, QuantMatrix matrix, long pieceBytes) {
        int groupRows = groupRows(kind, matrix);
        return Math.ceilDiv(matrix.rows(), groupsOfPiece(matrix, pieceBytes, groupRows) * groupRows);
    }

    private static int groupsOfPiece(QuantMatrix matrix, long pieceBytes, int groupRows) {
        if (pieceBytes < 1) {
            throw new IllegalArgumentException("pieces of " + pieceBytes + " bytes");
        }
        long groups = pieceBytes / matrix.rowBytes() / groupRows;
        return Math.clamp(groups, 1, Math.ceilDiv(matrix.rows(), groupRows));
    }

    /**
     * Returns how many pieces there are.
     *
     * @return at least 1
     */
    public int pieces() {
        return Math.ceilDiv(target.groups(), groupsOfPiece);
    }

    /**
     * Returns where a piece begins.
     *
     * @param piece 0 to {@link #pieces()} - 1
     * @return bytes from the beginning of the matrix's blocks
     * @throws IndexOutOfBoundsException if there is no such piece
     */
    public long offset(int piece) {
        return firstRow(piece) * matrix.rowBytes();
    }

    /**
     * Returns the size of a piece.
     *
     * @param piece 0 to {@link #pieces()} - 1
     * @return bytes
     * @throws IndexOutOfBoundsException if there is no such piece
     */
    public long bytes(int piece) {
        return (endRow(piece) - firstRow(piece)) * matrix.rowBytes();
    }

    /**
     * Packs a piece.
     *
     * @param piece 0 to {@link #pieces()} - 1
     * @param blocks its blocks, {@link #bytes} of them
     * @throws IndexOutOfBoundsException if there is no such piece
     * @throws IllegalArgumentException if it has another size
     */
    public void pack(int piece, MemorySegment blocks) {
        if (blocks.byteSize() != bytes(piece)) {
            throw new IllegalArgumentException(
                    blocks.byteSize() + " bytes are not the " + bytes(piece) + " of piece " + piece + " of " + matrix);
        }
        int first = piece * groupsOfPiece;
        for (int group = first; group < Math.min(target.groups(), first + groupsOfPiece); group++) {
            target.pack(matrix.format(), blocks, (int) firstRow(piece), matrix.rowBytes(), group);
        }
    }

    /**
     * Returns the packed matrix, once all pieces are packed.
     *
     * @return a matrix whose products use the packed weights
     */
    public QuantMatrix packed() {
        return matrix.on(target);
    }

    private long firstRow(int piece) {
        Objects.checkIndex(piece, pieces());
        return (long) piece * groupsOfPiece * groupRows;
    }

    private long endRow(int piece) {
        return Math.min(matrix.rows(), firstRow(piece) + (long) groupsOfPiece * groupRows);
    }
}
