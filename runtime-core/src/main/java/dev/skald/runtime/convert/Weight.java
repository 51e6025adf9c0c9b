package dev.skald.runtime.convert;

import dev.skald.gguf.GgmlType;
import dev.skald.gguf.GgufFormatException;
import dev.skald.kernels.format.QuantFormat;
import dev.skald.kernels.format.QuantFormats;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntUnaryOperator;
import java.util.function.LongUnaryOperator;

/**
 * A converted tensor, computed row by row when it is read. As in safetensors, its sizes end with the row length. Any
 * number of threads may read.
 */
abstract class Weight {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfDouble F64 =
            ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfByte U8 = ValueLayout.JAVA_BYTE;

    /** The name in messages: the file and the tensor. */
    private final String name;

    private final GgmlType type;
    private final List<Long> shape;

    private Weight(String name, GgmlType type, List<Long> shape) {
        this.name = name;
        this.type = type;
        this.shape = List.copyOf(shape);
    }

    /** Fills the memory with this number of rows. */
    abstract void read(long first, int count, MemorySegment target) throws IOException;

    GgmlType type() {
        return type;
    }

    List<Long> shape() {
        return shape;
    }

    int dimensions() {
        return shape.size();
    }

    /** Returns the length of a row. */
    long columns() {
        return shape.getLast();
    }

    long rows() {
        return shape.subList(0, shape.size() - 1).stream().reduce(1L, Math::multiplyExact);
    }

    long elements() {
        return rows() * columns();
    }

    private long rowBytes() {
        return type.bytes(columns());
    }

    GgufFormatException error(String message) {
        return new GgufFormatException(name + " of shape " + shape + ": " + message);
    }

    private static String name(Safetensors file, Safetensors.Entry entry) {
        return file.path() + ": tensor '" + entry.name() + "'";
    }

    /** Returns a tensor of a file. If GGUF has no weights of its type, it is converted to floats. */
    static Weight of(Safetensors file, Safetensors.Entry entry) {
        if (entry.shape().contains(0L)) {
            throw new GgufFormatException(
                    file.path() + ": tensor '" + entry.name() + "' is empty: its shape is " + entry.shape());
        }
        List<Long> shape = entry.shape().isEmpty() ? List.of(1L) : entry.shape();
        if (entry.type().type() == null) {
            return new Foreign(file, entry, shape);
        }
        long rowBytes = shape.getLast() * entry.type().bytes();
        return new Weight(name(file, entry), entry.type().type(), shape) {
            @Override
            void read(long first, int count, MemorySegment target) throws IOException {
                file.read(entry, first * rowBytes, target);
            }
        };
    }

    /** A tensor of another type, converted to floats. */
    private static final class Foreign extends Weight {
        private final Safetensors file;
        private final Safetensors.Entry entry;

        Foreign(Safetensors file, Safetensors.Entry entry, List<Long> shape) {
            super(name(file, entry), GgmlType.F32, shape);
            this.file = file;
            this.entry = entry;
        }

        @Override
        void read(long first, int count, MemorySegment target) throws IOException {
            int size = entry.type().bytes();
            long elements = count * columns();
            MemorySegment raw = MemorySegment.ofArray(new byte[Math.toIntExact(elements * size)]);
            file.read(entry, first * columns() * size, raw);
            for (long i = 0; i < elements; i++) {
                target.set(F32, i * Float.BYTES, value(raw, i));
            }
        }

        private float value(MemorySegment raw, long i) {
            return switch (entry.type()) {
                case F64 -> (float) raw.get(F64, i * Double.BYTES);
                case F8_E4M3 -> Float8.e4m3(raw.get(U8, i));
                case F8_E5M2 -> Float8.e5m2(raw.get(U8, i));
                case U8, BOOL -> raw.get(U8, i) & 0xFF;
                default -> throw error("its type is " + entry.type() + ", which weights do not have");
            };
        }
    }

    /** Returns the bytes of a tensor of bytes. */
    static Weight bytes(Safetensors file, Safetensors.Entry entry) {
        return new Weight(name(file, entry), GgmlType.I8, entry.shape()) {
            @Override
            void read(long first, int count, MemorySegment target) throws IOException {
                file.read(entry, first * columns(), target);
            }
        };
    }

    /** Returns a tensor with computed values. */
    static Weight of(String name, float[] values) {
        return new Weight(name, GgmlType.F32, List.of((long) values.length)) {
            @Override
            void read(long first, int count, MemorySegment target) {
                for (int i = 0; i < values.length; i++) {
                    target.set(F32, (long) i * Float.BYTES, values[i]);
                }
            }
        };
    }

    /** Returns the same rows with other outer dimensions. */
    Weight shaped(List<Long> wanted) {
        if (!wanted.getLast().equals(shape.getLast()) || product(wanted) != elements()) {
            throw error("it cannot be taken for one of shape " + wanted);
        }
        Weight source = this;
        return new Weight(name, type, wanted) {
            @Override
            void read(long first, int count, MemorySegment target) throws IOException {
                source.read(first, count, target);
            }
        };
    }

    private static long product(List<Long> sizes) {
        return sizes.stream().reduce(1L, Math::multiplyExact);
    }

    /** Returns the tensor without dimensions of size 1. */
    Weight squeezed() {
        List<Long> sizes = shape.stream().filter(size -> size != 1).toList();
        if (sizes.equals(shape) || sizes.isEmpty()) {
            return this;
        }
        if (sizes.getLast().equals(shape.getLast())) {
            return shaped(sizes);
        }
        // Rows with one element become one row.
        Weight source = this;
        long columns = sizes.getLast();
        return new Weight(name, type, sizes) {
            @Override
            void read(long first, int count, MemorySegment target) throws IOException {
                source.read(first * columns, Math.toIntExact(count * columns), target);
            }
        };
    }

    /** Returns a tensor whose rows are rows of this one; {@code places} maps new rows to these. */
    Weight reordered(List<Long> wanted, LongUnaryOperator places) {
        Weight source = this;
        return new Weight(name, type, wanted) {
            @Override
            void read(long first, int count, MemorySegment target) throws IOException {
                long bytes = source.rowBytes();
                for (int i = 0; i < count; i++) {
                    source.read(places.applyAsLong(first + i), 1, target.asSlice(i * bytes, bytes));
                }
            }
        };
    }

    /** Returns a tensor with the elements of each row reordered, or with some of them. */
    Weight columnsOf(int wanted, IntUnaryOperator places) {
        Weight source = this;
        List<Long> sizes = new ArrayList<>(shape);
        sizes.set(sizes.size() - 1, (long) wanted);
        int size = type.blockBytes();
        return new Weight(name, type, sizes) {
            @Override
            void read(long first, int count, MemorySegment target) throws IOException {
                MemorySegment row = MemorySegment.ofArray(new byte[Math.toIntExact(source.rowBytes())]);
                for (int i = 0; i < count; i++) {
                    source.read(first + i, 1, row);
                    for (int column = 0; column < wanted; column++) {
                        MemorySegment.copy(
                                row,
                                (long) places.applyAsInt(column) * size,
                                target,
                                ((long) i * wanted + column) * size,
                                size);
                    }
                }
            }
        };
    }

    /** Returns a part of each matrix: {@code count} rows, beginning at {@code first}, {@code step} apart. */
    Weight rowsOf(long first, long count, long step) {
        List<Long> sizes = new ArrayList<>(shape);
        long all = shape.get(shape.size() - 2);
        if (first < 0 || count < 1 || first + (count - 1) * step >= all) {
            throw error("it should have rows " + first + " to " + (first + (count - 1) * step));
        }
        sizes.set(sizes.size() - 2, count);
        return reordered(sizes, row -> row / count * all + first + row % count * step);
    }

    /** Returns the rows of several tensors of the same width, one tensor after another. */
    static Weight concatenated(List<Long> wanted, List<Weight> parts) {
        Weight first = parts.getFirst();
        for (Weight part : parts) {
            if (part.columns() != first.columns() || part.type != first.type) {
                throw part.error("it is " + part.type + ", and " + first.name + ", which it is joined with, is "
                        + first.type + " of shape " + first.shape);
            }
        }
        if (parts.stream().mapToLong(Weight::rows).sum() * first.columns() != product(wanted)) {
            throw first.error("it and those that it is joined with do not make one of shape " + wanted);
        }
        long[] ends = new long[parts.size()];
        for (int i = 0; i < ends.length; i++) {
            ends[i] = (i == 0 ? 0 : ends[i - 1]) + parts.get(i).rows();
        }
        return new Weight(first.name, first.type, wanted) {
            @Override
            void read(long from, int count, MemorySegment target) throws IOException {
                long bytes = first.rowBytes();
                int part = 0;
                for (int done = 0; done < count; ) {
                    while (from + done >= ends[part]) {
                        part++;
                    }
                    long begin = part == 0 ? 0 : ends[part - 1];
                    int some = (int) Math.min(count - done, ends[part] - from - done);
                    parts.get(part).read(from + done - begin, some, target.asSlice(done * bytes, some * bytes));
                    done += some;
                }
            }
        };
    }

    /** Stacks tensors of the same shape along a new first dimension. */
    static Weight stacked(List<Weight> parts) {
        List<Long> sizes = new ArrayList<>();
        sizes.add((long) parts.size());
        sizes.addAll(parts.getFirst().shape);
        for (Weight part : parts) {
            if (!part.shape.equals(parts.getFirst().shape)) {
                throw part.error("the other experts have the shape " + parts.getFirst().shape);
            }
        }
        return concatenated(sizes, parts);
    }

    /** Transposes each matrix. One matrix at a time is in memory. */
    Weight transposed() {
        Weight source = this;
        long rows = shape.get(shape.size() - 2);
        long columns = columns();
        List<Long> sizes = new ArrayList<>(shape);
        sizes.set(sizes.size() - 2, columns);
        sizes.set(sizes.size() - 1, rows);
        int size = type.blockBytes();
        if (elements() / (shape.size() > 2 ? product(shape.subList(0, shape.size() - 2)) : 1) * size
                > Integer.MAX_VALUE - 8) {
            throw error("a matrix is too large to be transposed");
        }
        return new Weight(name, type, sizes) {
            private long matrix = -1;
            private MemorySegment data;

            @Override
            synchronized void read(long first, int count, MemorySegment target) throws IOException {
                for (int i = 0; i < count; i++) {
                    long row = first + i;
                    load(row / columns);
                    for (long column = 0; column < rows; column++) {
                        MemorySegment.copy(
                                data,
                                (column * columns + row % columns) * size,
                                target,
                                (i * rows + column) * size,
                                size);
                    }
                }
            }

            private void load(long wanted) throws IOException {
                if (matrix != wanted) {
                    matrix = -1;
                    if (data == null) {
                        data = MemorySegment.ofArray(new byte[Math.toIntExact(rows * columns * size)]);
                    }
                    source.read(wanted * rows, Math.toIntExact(rows), data);
                    matrix = wanted;
                }
            }
        };
    }

    /** Returns the values as floats. */
    Weight widened() {
        return type == GgmlType.F32 ? this : mapped(x -> x);
    }

    /** Applies a function to each value; returns floats. */
    Weight mapped(DoubleUnaryOperator function) {
        Weight source = this;
        QuantFormat format = QuantFormats.of(type);
        return new Weight(name, GgmlType.F32, shape) {
            @Override
            void read(long first, int count, MemorySegment target) throws IOException {
                int elements = Math.toIntExact(count * columns());
                float[] numbers = new float[elements];
                MemorySegment raw = MemorySegment.ofArray(new byte[Math.toIntExact(count * source.rowBytes())]);
                source.read(first, count, raw);
                format.decode(raw, 0, numbers, 0, elements);
                for (int i = 0; i < elements; i++) {
                    target.set(F32, (long) i * Float.BYTES, (float) function.applyAsDouble(numbers[i]));
                }
            }
        };
    }

    /** Multiplies each value by the factor of its block. The last blocks may be incomplete. */
    Weight scaled(Weight scales, long blockRows, long blockColumns) {
        Weight source = widened();
        Weight factors = scales.widened();
        return new Weight(name, GgmlType.F32, shape) {
            private float[] all;

            @Override
            void read(long first, int count, MemorySegment target) throws IOException {
                source.read(first, count, target);
                float[] factor = factors();
                long perRow = factors.dimensions() < 2 ? 1 : factors.columns();
                for (int i = 0; i < count; i++) {
                    long block = (first + i) / blockRows * perRow;
                    for (long column = 0; column < columns(); column++) {
                        long at = (i * columns() + column) * Float.BYTES;
                        float scale = factor[(int) (block + column / blockColumns)];
                        target.set(F32, at, target.get(F32, at) * scale);
                    }
                }
            }

            private synchronized float[] factors() throws IOException {
                if (all == null) {
                    float[] read = new float[Math.toIntExact(factors.elements())];
                    MemorySegment raw = MemorySegment.ofArray(new byte[read.length * Float.BYTES]);
                    factors.read(0, Math.toIntExact(factors.rows()), raw);
                    for (int i = 0; i < read.length; i++) {
                        read[i] = raw.get(F32, (long) i * Float.BYTES);
                    }
                    all = read;
                }
                return all;
            }
        };
    }

    /**
     * Converts blocks of 32 four-bit floats with one scale each. In the original, a byte holds two adjacent values, the
     * first in its lower bits; in ggml, it holds elements i and 16 + i. Both inputs are matrices of bytes.
     */
    static Weight mxfp4(Weight blocks, Weight scales) {
        int dimensions = blocks.dimensions();
        if (dimensions < 2
                || blocks.columns() != 16
                || !blocks.shape.subList(0, dimensions - 1).equals(scales.shape)) {
            throw blocks.error("as blocks of 16 bytes they do not fit scales of shape " + scales.shape);
        }
        List<Long> sizes = new ArrayList<>(scales.shape);
        sizes.set(sizes.size() - 1, scales.columns() * 32);
        int perRow = Math.toIntExact(scales.columns());
        return new Weight(blocks.name, GgmlType.MXFP4, sizes) {
            @Override
            void read(long first, int count, MemorySegment target) throws IOException {
                byte[] codes = new byte[Math.toIntExact((long) count * perRow * 16)];
                byte[] exponents = new byte[count * perRow];
                blocks.read(first * perRow, count * perRow, MemorySegment.ofArray(codes));
                scales.read(first, count, MemorySegment.ofArray(exponents));
                for (int block = 0; block < exponents.length; block++) {
                    target.set(U8, block * 17L, exponents[block]);
                    for (int i = 0; i < 16; i++) {
                        int low = nibble(codes, block * 16, i);
                        int high = nibble(codes, block * 16, 16 + i);
                        target.set(U8, block * 17L + 1 + i, (byte) (low | high << 4));
                    }
                }
            }
        };
    }

    private static int nibble(byte[] codes, int from, int i) {
        return codes[from + i / 2] >> (i % 2 * 4) & 15;
    }

    /** Reads a piece at any byte offset. */
    void read(long offset, MemorySegment target) throws IOException {
        long bytes = rowBytes();
        Objects.checkFromIndexSize(offset, target.byteSize(), bytes * rows());
        for (long done = 0; done < target.byteSize(); ) {
            long row = (offset + done) / bytes;
            long within = (offset + done) % bytes;
            long left = target.byteSize() - done;
            if (within == 0 && left >= bytes) {
                int count = (int) Math.min(left / bytes, Math.max(1, (1 << 20) / bytes));
                read(row, count, target.asSlice(done, count * bytes));
                done += count * bytes;
            } else {
                MemorySegment whole = MemorySegment.ofArray(new byte[Math.toIntExact(bytes)]);
                read(row, 1, whole);
                long some = Math.min(left, bytes - within);
                MemorySegment.copy(whole, within, target, done, some);
                done += some;
            }
        }
    }

    /** Returns whether all values are 0. */
    boolean isZero() throws IOException {
        Weight floats = widened();
        MemorySegment row = MemorySegment.ofArray(new byte[Math.toIntExact(columns() * Float.BYTES)]);
        for (long i = 0; i < rows(); i++) {
            floats.read(i, 1, row);
            for (long column = 0; column < columns(); column++) {
                if (row.get(F32, column * Float.BYTES) != 0) {
                    return false;
                }
            }
        }
        return true;
    }
}
