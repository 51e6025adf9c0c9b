package dev.skald.kernels.format;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.pack.Packing;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/**
 * A quantization format: how a block of codes is decoded to floats, and floats are encoded to a block.
 *
 * <p>Decoding is bit-exact with ggml's {@code dequantize_row_*}. Instances are stateless, and any number of threads may
 * use them. {@link QuantFormats} has one instance of each format.
 */
public abstract class QuantFormat {
    /** What no scale in half precision can reach: 65504 times a scale code of 128 times a code of 32. */
    private static final float TOO_LARGE = 0x1p28f;

    /** An importance beyond which sums of products overflow. */
    private static final float MOST_IMPORTANT = 1e15f;

    private final GgmlType type;

    /**
     * Creates a format.
     *
     * @param type the element type whose blocks this format reads
     */
    protected QuantFormat(GgmlType type) {
        this.type = Objects.requireNonNull(type);
    }

    /**
     * Returns the type of the blocks.
     *
     * @return the ggml type, which also describes the block's size and layout
     */
    public final GgmlType type() {
        return type;
    }

    /**
     * Decodes consecutive blocks. Blocks in a mapped file are copied first: if the file was cut off, the copy throws an {@link
     * InternalError}, but a compiled loop may crash the JVM.
     *
     * @param blocks where the blocks are
     * @param offset bytes from the start of {@code blocks} to the first block; any alignment
     * @param out receives the floats
     * @param outOffset index of the first float
     * @param count the number of floats, a multiple of the type's block elements
     * @throws IllegalArgumentException if {@code count} is negative or not a multiple of the block elements
     * @throws IndexOutOfBoundsException if the blocks or the floats do not fit
     */
    public final void decode(MemorySegment blocks, long offset, float[] out, int outOffset, int count) {
        long bytes = type.bytes(count);
        Objects.checkFromIndexSize(offset, bytes, blocks.byteSize());
        Objects.checkFromIndexSize(outOffset, count, out.length);
        if (blocks.isMapped()) {
            byte[] copy = new byte[Math.toIntExact(bytes)];
            MemorySegment.copy(blocks, ValueLayout.JAVA_BYTE, offset, copy, 0, copy.length);
            decodeBlocks(MemorySegment.ofArray(copy), 0, out, outOffset, count);
        } else {
            decodeBlocks(blocks, offset, out, outOffset, count);
        }
    }

    /**
     * Encodes floats into consecutive blocks, without importance of columns. Blocks do not depend on each other, so
     * several rows may be encoded at once.
     *
     * <p>The result depends only on the floats, and not on threads or on the kernels of the JVM. The simple formats
     * give the same bytes as ggml's {@code quantize_row_*_ref}, the others the same quality.
     *
     * @param in the floats
     * @param inOffset index of the first float
     * @param blocks receives the blocks
     * @param offset bytes from the start of {@code blocks} to the first block; any alignment
     * @param count the number of floats, a multiple of the type's block elements
     * @throws IllegalArgumentException if {@code count} is negative or not a multiple of the block elements; if {@link
     *     #needsImportance()}; if a float is not finite, or too large, for a format with blocks
     * @throws IndexOutOfBoundsException if the floats or the blocks do not fit
     * @throws UnsupportedOperationException if {@link #canEncode()} is false
     */
    public final void encode(float[] in, int inOffset, MemorySegment blocks, long offset, int count) {
        encode(in, inOffset, null, blocks, offset, count);
    }

    /**
     * Encodes one row, weighting the error of a column by its importance: the mean square of the column's inputs
     * (ggml's importance matrix). Some formats ignore it.
     *
     * @param in the floats
     * @param inOffset index of the row's first float
     * @param importance one number per column, from 0 to 10^15, in any unit; null: as {@link #encode(float[],
     *     int, MemorySegment, long, int)}
     * @param blocks receives the blocks
     * @param offset bytes from the start of {@code blocks} to the first block; any alignment
     * @param columns the length of the row; a multiple of the type's block elements
     * @throws IllegalArgumentException if {@code columns} is negative or not a multiple of the block elements; if the
     *     importance is missing though {@link #needsImportance()}, has another length or a bad number; if a float is
     *     not finite, or too large, for a format with blocks
     * @throws IndexOutOfBoundsException if the floats or the blocks do not fit
     * @throws UnsupportedOperationException if {@link #canEncode()} is false
     */
    public final void encode(
            float[] in, int inOffset, float[] importance, MemorySegment blocks, long offset, int columns) {
        if (!canEncode()) {
            throw new UnsupportedOperationException("Skald reads " + type + " but does not write it");
        }
        long bytes = type.bytes(columns);
        Objects.checkFromIndexSize(offset, bytes, blocks.byteSize());
        Objects.checkFromIndexSize(inOffset, columns, in.length);
        if (importance != null) {
            checkImportance(importance, columns);
        } else if (needsImportance()) {
            throw new IllegalArgumentException(
                    type + " needs the importance of each column: make an importance matrix of the model first");
        }
        if (type.blockElements() > 1) {
            checkFinite(in, inOffset, columns);
        }
        encodeRow(in, inOffset, importance, blocks, offset, columns);
    }

    private void checkImportance(float[] importance, int columns) {
        if (importance.length != columns) {
            throw new IllegalArgumentException("the importance has " + importance.length
                    + " columns, the row that is encoded as " + type + " has " + columns);
        }
        for (int i = 0; i < columns; i++) {
            if (!(importance[i] >= 0 && importance[i] <= MOST_IMPORTANT)) {
                throw new IllegalArgumentException("the importance of column " + i + " of " + columns + " is "
                        + importance[i] + "; it must be from 0 to " + MOST_IMPORTANT);
            }
        }
    }

    private void checkFinite(float[] in, int inOffset, int columns) {
        for (int i = 0; i < columns; i++) {
            if (!(Math.abs(in[inOffset + i]) < TOO_LARGE)) {
                throw new IllegalArgumentException("column " + i + " of " + columns + " is " + in[inOffset + i]
                        + ", which " + type + " cannot encode; is the source of the weights damaged?");
            }
        }
    }

    /**
     * Returns whether {@link #encode} is supported.
     *
     * @return false for a format that can only be decoded
     */
    public boolean canEncode() {
        return false;
    }

    /**
     * Returns whether encoding requires the importance of each column.
     *
     * @return true for a format that has too few bits to treat all columns alike
     */
    public boolean needsImportance() {
        return false;
    }

    /**
     * Decodes consecutive blocks, one by one; a format of single numbers overrides it with one loop. Arguments have been
     * checked.
     *
     * @param s where the blocks are
     * @param o offset of the first in bytes
     * @param y receives the floats
     * @param yo index of the first
     * @param count how many
     */
    protected void decodeBlocks(MemorySegment s, long o, float[] y, int yo, int count) {
        int step = type.blockElements();
        for (int i = 0; i < count; i += step) {
            decodeBlock(s, o, y, yo + i);
            o += type.blockBytes();
        }
    }

    /**
     * Decodes one block.
     *
     * @param s where the block is
     * @param o its offset in bytes
     * @param y receives {@code type().blockElements()} floats
     * @param yo index of the first
     */
    protected abstract void decodeBlock(MemorySegment s, long o, float[] y, int yo);

    /**
     * Encodes one row, or several when there is no importance. This implementation ignores the importance and encodes
     * block by block; formats that use it override it. Arguments have been checked.
     *
     * @param x the floats
     * @param xo index of the first
     * @param importance of each column, or null
     * @param s receives the blocks
     * @param o offset of the first in bytes
     * @param columns how many floats
     */
    protected void encodeRow(float[] x, int xo, float[] importance, MemorySegment s, long o, int columns) {
        int step = type.blockElements();
        for (int i = 0; i < columns; i += step) {
            encodeBlock(x, xo + i, s, o);
            o += type.blockBytes();
        }
    }

    /**
     * Encodes one block without importance. Every format that {@link #canEncode()} overrides this or {@link #encodeRow}.
     *
     * @param x {@code type().blockElements()} floats
     * @param xo index of the first
     * @param s receives the block
     * @param o its offset in bytes
     */
    protected void encodeBlock(float[] x, int xo, MemorySegment s, long o) {
        throw new UnsupportedOperationException("Skald reads " + type + " but does not write it");
    }

    /**
     * Returns how blocks are packed for the vector kernels.
     *
     * @return the planes and scales that {@link #packBlock} writes
     */
    @SuppressWarnings("exports") // for the kernels of this module
    public abstract Packing packing();

    /**
     * Writes the words of {@link Packing#blockColumns()} columns of a row: those of each plane, then those of the scales.
     *
     * @param s where the blocks are
     * @param o offset of the first in bytes
     * @param end offset of the end of the row; columns beyond it are zero
     * @param words receives {@link Packing#codeWords()} + {@link Packing#scaleWords()} ints
     */
    public abstract void packBlock(MemorySegment s, long o, long end, int[] words);

    @Override
    public final String toString() {
        return type.name();
    }
}
