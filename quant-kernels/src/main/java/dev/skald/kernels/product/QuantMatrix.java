package dev.skald.kernels.product;

import dev.skald.kernels.KernelKind;
import dev.skald.kernels.WorkerTeam;
import dev.skald.kernels.format.QuantFormat;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/**
 * A weight matrix ready to multiply: {@code rows} outputs by {@code columns} inputs.
 *
 * <p>It is immutable. Its memory belongs to the caller, who must keep it until the last product.
 */
public final class QuantMatrix {
    private final QuantFormat format;
    private final int rows;
    private final int columns;
    private final long rowBytes;
    private final MemorySegment data;
    private final PackedWeights packed;

    private QuantMatrix(QuantFormat format, int rows, int columns, MemorySegment data, PackedWeights packed) {
        this.format = Objects.requireNonNull(format);
        this.rows = rows;
        this.columns = columns;
        this.rowBytes = format.type().bytes(columns);
        this.data = data;
        this.packed = packed;
    }

    /**
     * Creates a matrix of blocks in the format of a file, which are used in place.
     *
     * @param format the format of the blocks
     * @param rows the number of rows, at least 1
     * @param columns the number of columns, at least 1 and a multiple of the format's block elements
     * @param data the blocks, row after row; exactly the number of bytes that this takes
     * @return the matrix
     * @throws IllegalArgumentException if the sizes do not fit together
     */
    public static QuantMatrix of(QuantFormat format, int rows, int columns, MemorySegment data) {
        if (rows < 1 || columns < 1) {
            throw new IllegalArgumentException("a matrix of " + rows + " x " + columns);
        }
        long expected = Math.multiplyExact(format.type().bytes(columns), (long) rows);
        if (data.byteSize() != expected) {
            throw new IllegalArgumentException(format + " matrix of " + rows + " x " + columns + " takes " + expected
                    + " bytes, not " + data.byteSize());
        }
        return new QuantMatrix(format, rows, columns, data, null);
    }

    /**
     * Returns whether the packed matrix takes at most about twice the memory of its blocks. Rows are padded to whole
     * vectors and columns to whole blocks, so a very narrow matrix would take many times its memory. Only hostile files
     * have such matrices.
     *
     * @param kind the kernels to pack for
     * @return false if the matrix is better used in place; always false for {@link KernelKind#IN_PLACE}
     */
    public boolean packsWell(KernelKind kind) {
        long filledUp = switch (kind) {
            case MACHINE_CODE -> MachineWeights.filledUp(format.packing(), rows, columns);
            case VECTOR_API -> PackedMatrix.filledUp(format.packing(), rows, columns);
            case IN_PLACE -> Long.MAX_VALUE;
        };
        return filledUp <= 2L * rows * columns;
    }

    /**
     * Packs the matrix for the fastest kernels that this JVM has for its format. Products are then several times
     * faster.
     *
     * @param source the blocks again, in memory that is only read during this call; may be the memory of this matrix
     * @param arena holds the packed weights; they need more memory than the blocks if the codes take more bits in lanes
     *     than in a file
     * @param team the threads that pack
     * @return a matrix whose products use the packed weights, and whose single rows are still decoded from the blocks
     * @throws IllegalStateException if this JVM has no kernels for packed matrices
     * @throws IllegalArgumentException if {@code source} does not have the size of the blocks
     */
    public QuantMatrix pack(MemorySegment source, Arena arena, WorkerTeam team) {
        return pack(KernelKind.best().of(format), source, arena, team);
    }

    /**
     * Packs the matrix for some kernels.
     *
     * @param kind the kernels to pack for
     * @param source the blocks again, in memory that is only read during this call; may be the memory of this matrix
     * @param arena holds the packed weights
     * @param team the threads that pack
     * @return a matrix whose products use the packed weights, and whose single rows are still decoded from the blocks
     * @throws IllegalStateException if the kernels are {@linkplain KernelKind#refusal(QuantFormat) refused}, or are in
     *     place
     * @throws IllegalArgumentException if {@code source} does not have the size of the blocks
     */
    public QuantMatrix pack(KernelKind kind, MemorySegment source, Arena arena, WorkerTeam team) {
        if (source.byteSize() != data.byteSize()) {
            throw new IllegalArgumentException(
                    source.byteSize() + " bytes are not the " + data.byteSize() + " of " + this);
        }
        MatrixPacker packer = new MatrixPacker(kind, this, 1, arena);
        team.run(packer.pieces(), 1, (worker, from, to) -> {
            for (int piece = from; piece < to; piece++) {
                packer.pack(piece, source.asSlice(packer.offset(piece), packer.bytes(piece)));
            }
        });
        return packer.packed();
    }

    /** Returns this matrix with packed weights. */
    QuantMatrix on(PackedWeights weights) {
        return new QuantMatrix(format, rows, columns, data, weights);
    }

    /** Returns the bytes of a row of blocks. */
    long rowBytes() {
        return rowBytes;
    }

    /** Returns the packed weights, or null. */
    PackedWeights packed() {
        return packed;
    }

    /**
     * Returns the format of the weights.
     *
     * @return the format
     */
    public QuantFormat format() {
        return format;
    }

    /**
     * Returns the number of outputs of a product.
     *
     * @return the number of rows
     */
    public int rows() {
        return rows;
    }

    /**
     * Returns the number of inputs of a product.
     *
     * @return the number of columns
     */
    public int columns() {
        return columns;
    }

    /**
     * Returns the amount of memory that one pass over all weights reads.
     *
     * @return the size in bytes
     */
    public long bytes() {
        return data.byteSize();
    }

    /**
     * Returns the size of the packed weights.
     *
     * @return the size in bytes; 0 if the matrix is used in place
     */
    public long packedBytes() {
        return packed == null ? 0 : packed.bytes();
    }

    /**
     * Describes the matrix for people.
     *
     * @return its format and size
     */
    @Override
    public String toString() {
        return format + " " + rows + " x " + columns + (packed == null ? "" : " packed");
    }

    /** Takes the blocks out of memory if they are part of a mapped file. Whoever reads them next gets them from the file again. */
    public void unload() {
        if (data.isMapped()) {
            data.unload();
        }
    }

    /**
     * Decodes a row, for example to look up an embedding.
     *
     * @param row 0 to {@link #rows()} - 1
     * @param out receives {@link #columns()} floats
     * @param outOffset index of the first
     * @throws IndexOutOfBoundsException if there is no such row, or if it does not fit
     */
    public void decodeRow(int row, float[] out, int outOffset) {
        decodeRow(row, out, outOffset, new byte[Math.toIntExact(rowBytes)]);
    }

    /**
     * Decodes a row through an array. A mapped file may be cut off at any time. If a copy then reads a missing page,
     * the JVM throws; in some compiled loops it crashes.
     *
     * @param blocks a buffer of at least {@link #rowBytes} bytes, which is overwritten
     */
    void decodeRow(int row, float[] out, int outOffset, byte[] blocks) {
        Objects.checkIndex(row, rows);
        MemorySegment.copy(data, ValueLayout.JAVA_BYTE, row * rowBytes, blocks, 0, (int) rowBytes);
        format.decode(MemorySegment.ofArray(blocks), 0, out, outOffset, columns);
    }
}
