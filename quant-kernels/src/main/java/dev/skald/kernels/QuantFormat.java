package dev.skald.kernels;

import dev.skald.gguf.GgmlType;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * One quantization format: how a block of codes becomes floats, and floats a block.
 *
 * <p>Decoding is bit-exact with ggml's {@code dequantize_row_*}. Instances are stateless and may be used by any number
 * of threads. {@link QuantFormats} has one of each.
 */
public abstract class QuantFormat {
    private final GgmlType type;

    /**
     * For subclasses.
     *
     * @param type the element type whose blocks this format reads
     */
    protected QuantFormat(GgmlType type) {
        this.type = Objects.requireNonNull(type);
    }

    /**
     * The type of the blocks.
     *
     * @return the ggml type, which also has the block's size and layout
     */
    public final GgmlType type() {
        return type;
    }

    /**
     * Decodes consecutive blocks.
     *
     * @param blocks where the blocks are
     * @param offset bytes from the start of {@code blocks} to the first block; any alignment
     * @param out receives the floats
     * @param outOffset index of the first float
     * @param count how many floats; a multiple of the type's block elements
     * @throws IllegalArgumentException if {@code count} is negative or no multiple of the block elements
     * @throws IndexOutOfBoundsException if the blocks or the floats do not fit
     */
    public final void decode(MemorySegment blocks, long offset, float[] out, int outOffset, int count) {
        long bytes = type.bytes(count);
        Objects.checkFromIndexSize(offset, bytes, blocks.byteSize());
        Objects.checkFromIndexSize(outOffset, count, out.length);
        int step = type.blockElements();
        for (int i = 0; i < count; i += step) {
            decodeBlock(blocks, offset, out, outOffset + i);
            offset += type.blockBytes();
        }
    }

    /**
     * Encodes floats into consecutive blocks, with the result that ggml's {@code quantize_row_*_ref} has.
     *
     * @param in the floats
     * @param inOffset index of the first float
     * @param blocks receives the blocks
     * @param offset bytes from the start of {@code blocks} to the first block; any alignment
     * @param count how many floats; a multiple of the type's block elements
     * @throws IllegalArgumentException if {@code count} is negative or no multiple of the block elements
     * @throws IndexOutOfBoundsException if the floats or the blocks do not fit
     * @throws UnsupportedOperationException if {@link #canEncode()} is false
     */
    public final void encode(float[] in, int inOffset, MemorySegment blocks, long offset, int count) {
        long bytes = type.bytes(count);
        Objects.checkFromIndexSize(offset, bytes, blocks.byteSize());
        Objects.checkFromIndexSize(inOffset, count, in.length);
        int step = type.blockElements();
        for (int i = 0; i < count; i += step) {
            encodeBlock(in, inOffset + i, blocks, offset);
            offset += type.blockBytes();
        }
    }

    /**
     * Whether {@link #encode} works.
     *
     * @return false for a format that this version only reads
     */
    public boolean canEncode() {
        return false;
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
     * Encodes one block.
     *
     * @param x {@code type().blockElements()} floats
     * @param xo index of the first
     * @param s receives the block
     * @param o its offset in bytes
     * @throws UnsupportedOperationException if {@link #canEncode()} is false
     */
    protected void encodeBlock(float[] x, int xo, MemorySegment s, long o) {
        throw new UnsupportedOperationException("Skald reads " + type + " but does not write it");
    }

    /**
     * How blocks are packed for the vector kernels.
     *
     * @return the planes and scales that {@link #packBlock} writes
     */
    public abstract Packing packing();

    /**
     * Writes the words of {@link Packing#blockColumns()} columns of a row: those of each plane, then those of the scales.
     *
     * @param s where the blocks are
     * @param o offset of the first in bytes
     * @param end offset of the end of the row; columns beyond it are zero
     * @param words receives {@link Packing#codeWords()} + {@link Packing#scaleWords()} ints
     */
    protected abstract void packBlock(MemorySegment s, long o, long end, int[] words);

    @Override
    public final String toString() {
        return type.name();
    }
}
