package dev.skald.gguf;

import java.lang.foreign.MemorySegment;
import java.util.AbstractList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.RandomAccess;

/**
 * An array of a file's metadata. Its values stay in the mapped file and are decoded at each access, so an array takes
 * almost no heap, whatever its length. After the file is closed, every access throws {@link IllegalStateException}.
 */
public final class GgufArray {
    /** For elements of varying size, the place of every STRIDE-th one is stored; the search for another starts there. */
    static final int STRIDE = 16;

    /** How many elements of fixed size are copied at once. */
    private static final int PIECE = 4096;

    private final GgufMetadata owner;
    private final String key;
    private final MemorySegment file;
    private final GgufValueType elementType;
    private final long size;
    private final long start;
    private final long[] marks;

    /**
     * Creates an array that has been checked.
     *
     * @param start where element 0 is
     * @param marks the places of elements 0, {@link #STRIDE}, 2 x {@link #STRIDE}…; unused for elements of fixed size
     */
    GgufArray(GgufMetadata owner, String key, GgufValueType elementType, long size, long start, long[] marks) {
        this.owner = owner;
        this.key = key;
        this.file = owner.file();
        this.elementType = elementType;
        this.size = size;
        this.start = start;
        this.marks = marks;
    }

    /** Returns how many marks an array needs. */
    static int marks(GgufValueType elementType, long size) {
        return elementType.isFixed() ? 0 : Math.toIntExact((size + STRIDE - 1) / STRIDE);
    }

    /**
     * Returns the type of the elements.
     *
     * @return the type; {@code ARRAY} for an array of arrays
     */
    public GgufValueType elementType() {
        return elementType;
    }

    /**
     * Returns the number of elements.
     *
     * @return 0 or more
     */
    public long size() {
        return size;
    }

    /**
     * Returns an element as an object.
     *
     * @param i 0 to {@link #size()} - 1
     * @return a Long for every integer type (a {@link java.math.BigInteger} for a {@code UINT64} beyond it), Float,
     *     Double, Boolean, String or GgufArray
     * @throws IndexOutOfBoundsException if there is no element {@code i}
     * @throws IllegalStateException if the file is closed
     */
    public Object get(long i) {
        return owner.read(() -> {
            long at = place(i);
            return elementType == GgufValueType.ARRAY ? nested(at) : Values.boxed(file, elementType, at);
        });
    }

    /**
     * Returns an element of an array of strings.
     *
     * @param i 0 to {@link #size()} - 1
     * @return the text
     * @throws IndexOutOfBoundsException if there is no element {@code i}
     * @throws GgufFormatException if this is not an array of strings
     * @throws IllegalStateException if the file is closed
     */
    public String getString(long i) {
        if (elementType != GgufValueType.STRING) {
            throw wrongType("strings");
        }
        return owner.read(() -> Values.string(file, place(i)));
    }

    /**
     * Returns an element of an array of integers.
     *
     * @param i 0 to {@link #size()} - 1
     * @return its value
     * @throws IndexOutOfBoundsException if there is no element {@code i}
     * @throws GgufFormatException if this is not an array of integers, or the element is a {@code UINT64} beyond a long
     * @throws IllegalStateException if the file is closed
     */
    public long getLong(long i) {
        if (!elementType.isInteger()) {
            throw wrongType("integers");
        }
        long value = owner.read(() -> Values.integer(file, elementType, place(i)));
        if (value < 0 && elementType == GgufValueType.UINT64) {
            throw outOfRange(i, Long.toUnsignedString(value), Long.MIN_VALUE, Long.MAX_VALUE);
        }
        return value;
    }

    /**
     * Returns an element of an array of numbers.
     *
     * @param i 0 to {@link #size()} - 1
     * @return its value, rounded to the nearest float
     * @throws IndexOutOfBoundsException if there is no element {@code i}
     * @throws GgufFormatException if this is not an array of floating-point numbers or integers
     * @throws IllegalStateException if the file is closed
     */
    public float getFloat(long i) {
        if (!elementType.isFloat() && !elementType.isInteger()) {
            throw wrongType("numbers");
        }
        return owner.read(() -> (float) Values.number(file, elementType, place(i)));
    }

    /**
     * Returns an array of strings as a list that decodes an element at each access.
     *
     * @return an unmodifiable view with random access
     * @throws GgufFormatException if this is not an array of strings, or longer than a list can be
     */
    public List<String> strings() {
        if (elementType != GgufValueType.STRING) {
            throw wrongType("strings");
        }
        return new Strings(this, length());
    }

    /**
     * Copies an array of integers.
     *
     * @return one int for each element
     * @throws GgufFormatException if this is not an array of integers, an element does not fit an {@code int}, or there
     *     are too many
     * @throws IllegalStateException if the file is closed
     */
    public int[] ints() {
        if (!elementType.isInteger()) {
            throw wrongType("integers");
        }
        int[] values = new int[length()];
        eachPiece((first, piece) -> {
            int width = elementType.minBytes();
            for (int i = 0; i < piece.byteSize() / width; i++) {
                long value = Values.integerOf(piece, elementType, (long) i * width);
                if (value < 0 && elementType == GgufValueType.UINT64) {
                    throw outOfRange(first + i, Long.toUnsignedString(value), Long.MIN_VALUE, Long.MAX_VALUE);
                }
                if (value != (int) value) {
                    throw outOfRange(first + i, Long.toString(value), Integer.MIN_VALUE, Integer.MAX_VALUE);
                }
                values[first + i] = (int) value;
            }
        });
        return values;
    }

    /**
     * Copies an array of numbers.
     *
     * @return one float for each element, rounded if the element is wider
     * @throws GgufFormatException if this is not an array of numbers, or there are too many
     * @throws IllegalStateException if the file is closed
     */
    public float[] floats() {
        if (!elementType.isFloat() && !elementType.isInteger()) {
            throw wrongType("numbers");
        }
        float[] values = new float[length()];
        eachPiece((first, piece) -> {
            int width = elementType.minBytes();
            for (int i = 0; i < piece.byteSize() / width; i++) {
                values[first + i] = (float) Values.numberOf(piece, elementType, (long) i * width);
            }
        });
        return values;
    }

    private interface Piece {
        /** Takes copied elements, the first of which has this number. */
        void take(int first, MemorySegment elements);
    }

    /** Copies elements of fixed size, some thousand at a time. */
    private void eachPiece(Piece piece) {
        owner.checkOpen();
        int width = elementType.minBytes();
        int length = length();
        // The JVM may report a missing page only after the read, so the whole loop is inside.
        owner.read(() -> {
            for (int first = 0; first < length; first += PIECE) {
                int count = Math.min(PIECE, length - first);
                piece.take(first, Values.copy(file, start + (long) first * width, count * width));
            }
            return null;
        });
    }

    /**
     * Describes the array by its type and length.
     *
     * @return such as {@code STRING[32000]}
     */
    @Override
    public String toString() {
        return elementType + "[" + size + "]";
    }

    private long place(long i) {
        if (i < 0 || i >= size) {
            throw new IndexOutOfBoundsException("key '" + key + "': element " + i + " of " + size);
        }
        owner.checkOpen();
        if (elementType.isFixed()) {
            return start + i * elementType.minBytes();
        }
        long at = marks[(int) (i / STRIDE)];
        for (long j = i % STRIDE; j > 0; j--) {
            at = Values.end(file, elementType, at);
        }
        return at;
    }

    private GgufArray nested(long at) {
        GgufValueType element = GgufValueType.ofId(Values.u32(file, at)).orElseThrow();
        long count = Values.u64(file, at + Integer.BYTES);
        long first = at + GgufValueType.ARRAY.minBytes();
        long[] places = new long[marks(element, count)];
        long next = first;
        for (int i = 0; i < places.length; i++) {
            places[i] = next;
            for (long j = Math.min(STRIDE, count - (long) i * STRIDE); j > 0; j--) {
                next = Values.end(file, element, next);
            }
        }
        return new GgufArray(owner, key, element, count, first, places);
    }

    private int length() {
        if (size > Integer.MAX_VALUE - 8) {
            throw owner.error(key, size + " elements do not fit into a Java array: read them one by one with get(i)");
        }
        return (int) size;
    }

    private GgufFormatException wrongType(String wanted) {
        return owner.error(key, "wanted an array of " + wanted + ", found " + this);
    }

    private GgufFormatException outOfRange(long i, String value, long min, long max) {
        return owner.error(key, "element " + i + " is " + value + ", wanted an integer from " + min + " to " + max);
    }

    private static final class Strings extends AbstractList<String> implements RandomAccess {
        private final GgufArray array;
        private final int size;

        Strings(GgufArray array, int size) {
            this.array = array;
            this.size = size;
        }

        @Override
        public String get(int i) {
            return array.getString(i);
        }

        @Override
        public int size() {
            return size;
        }

        @Override
        public Iterator<String> iterator() {
            return array.new InOrder();
        }
    }

    /** The strings one after the other, some at a time, which is much faster than finding each by its number. */
    private final class InOrder implements Iterator<String> {
        private static final int AT_ONCE = 256;

        private final Window window = new Window(file);
        private final String[] ready = new String[(int) Math.min(AT_ONCE, size)];
        private long at = start;
        private long i;

        @Override
        public boolean hasNext() {
            return i < size;
        }

        @Override
        public String next() {
            if (i == size) {
                throw new NoSuchElementException(key + " has " + size + " elements");
            }
            int place = (int) (i % AT_ONCE);
            if (place == 0) {
                owner.checkOpen();
                owner.read(this::fill);
            }
            i++;
            return ready[place];
        }

        private Void fill() {
            for (int k = 0; k < Math.min(AT_ONCE, size - i); k++) {
                int length = (int) window.u64(at);
                ready[k] = window.text(at + Long.BYTES, length);
                at += Long.BYTES + length;
            }
            return null;
        }
    }
}
