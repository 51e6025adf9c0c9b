package dev.skald.gguf;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * The description of a tensor in a file: name, type, shape and offset. Dimension 0 is contiguous in memory and is the
 * length of a row. All values have been checked against the file.
 */
public final class TensorInfo {
    private final String name;
    private final GgmlType type;
    private final long[] shape;
    private final long elements;
    private final long bytes;
    private final int part;
    private final long offset;

    TensorInfo(String name, GgmlType type, long[] shape, long elements, int part, long offset) {
        this.name = name;
        this.type = type;
        this.shape = shape;
        this.elements = elements;
        this.bytes = type.bytes(elements);
        this.part = part;
        this.offset = offset;
    }

    /**
     * Describes a tensor that lies in no GGUF file, such as one that is still to be written.
     *
     * @param name its name
     * @param type the type of its elements
     * @param shape the sizes of its dimensions, the row's length first; the product fits a long
     * @return the description, with offset 0
     * @throws ArithmeticException if the sizes do not fit a long
     */
    public static TensorInfo of(String name, GgmlType type, long... shape) {
        long elements = 1;
        for (long size : shape) {
            elements = Math.multiplyExact(elements, size);
        }
        return new TensorInfo(name, type, shape.clone(), elements, 0, 0);
    }

    /**
     * Returns the name.
     *
     * @return a name that no other tensor of the file has, such as {@code blk.0.attn_q.weight}
     */
    public String name() {
        return name;
    }

    /**
     * Returns the type of the elements.
     *
     * @return the type
     */
    public GgmlType type() {
        return type;
    }

    /**
     * Returns the number of dimensions.
     *
     * @return 0 (a single value) to 4
     */
    public int rank() {
        return shape.length;
    }

    /**
     * Returns the size of a dimension.
     *
     * @param i 0 (a row's length) or more
     * @return its size, at least 1; 1 beyond the rank
     */
    public long dim(int i) {
        return i < shape.length ? shape[i] : 1;
    }

    /**
     * Returns the sizes of all dimensions.
     *
     * @return {@link #rank()} sizes, the contiguous dimension first
     */
    public List<Long> shape() {
        return LongStream.of(shape).boxed().toList();
    }

    /**
     * Returns the length of a row.
     *
     * @return elements in a row, a multiple of the type's block
     */
    public long columns() {
        return dim(0);
    }

    /**
     * Returns the number of rows.
     *
     * @return the product of all dimensions except the first
     */
    public long rows() {
        return elements / columns();
    }

    /**
     * Returns the number of elements.
     *
     * @return the product of all dimensions
     */
    public long elements() {
        return elements;
    }

    /**
     * Returns the size of the data.
     *
     * @return bytes, without padding
     */
    public long bytes() {
        return bytes;
    }

    /**
     * Returns the offset of the data.
     *
     * @return bytes from the beginning of the part that holds it
     */
    public long offset() {
        return offset;
    }

    /**
     * Returns the part that holds the data.
     *
     * @return an index into {@link GgufFile#parts()}; 0 unless the file is split
     */
    public int part() {
        return part;
    }

    /**
     * Describes the tensor by its name, type and shape.
     *
     * @return such as {@code blk.0.attn_q.weight Q4_0 [2048 x 512]}
     */
    @Override
    public String toString() {
        return name + " " + type + " " + describe(shape);
    }

    static String describe(long[] shape) {
        return Arrays.stream(shape).mapToObj(Long::toString).collect(Collectors.joining(" x ", "[", "]"));
    }
}
