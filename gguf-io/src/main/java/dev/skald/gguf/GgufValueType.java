package dev.skald.gguf;

import java.util.Optional;

/** The types of metadata values, with their ids in the file ({@code enum gguf_type} of ggml). */
public enum GgufValueType {
    /** Unsigned 8-bit integer. */
    UINT8(0, 1),
    /** Signed 8-bit integer. */
    INT8(1, 1),
    /** Unsigned 16-bit integer. */
    UINT16(2, 2),
    /** Signed 16-bit integer. */
    INT16(3, 2),
    /** Unsigned 32-bit integer. */
    UINT32(4, 4),
    /** Signed 32-bit integer. */
    INT32(5, 4),
    /** IEEE 754 binary32. */
    FLOAT32(6, 4),
    /** One byte, 0 or 1. */
    BOOL(7, 1),
    /** UTF-8 after its length in bytes. */
    STRING(8, 8),
    /** Values of one type, after that type and their number. */
    ARRAY(9, 12),
    /** Unsigned 64-bit integer. */
    UINT64(10, 8),
    /** Signed 64-bit integer. */
    INT64(11, 8),
    /** IEEE 754 binary64. */
    FLOAT64(12, 8);

    private static final GgufValueType[] BY_ID = values();

    private final int id;
    private final int minBytes;

    GgufValueType(int id, int minBytes) {
        if (id != ordinal()) {
            throw new AssertionError(name() + " has id " + id + " at place " + ordinal());
        }
        this.id = id;
        this.minBytes = minBytes;
    }

    /**
     * Returns the type of an id.
     *
     * @param id a value type from a file
     * @return the type, or empty if there is none
     */
    public static Optional<GgufValueType> ofId(int id) {
        return id >= 0 && id < BY_ID.length ? Optional.of(BY_ID[id]) : Optional.empty();
    }

    /**
     * Returns the id in a file.
     *
     * @return ggml's {@code enum gguf_type} value
     */
    public int id() {
        return id;
    }

    /**
     * Returns whether this is one of the eight integer types.
     *
     * @return true for {@code UINT8} to {@code INT32}, {@code UINT64} and {@code INT64}
     */
    public boolean isInteger() {
        return switch (this) {
            case UINT8, INT8, UINT16, INT16, UINT32, INT32, UINT64, INT64 -> true;
            case FLOAT32, FLOAT64, BOOL, STRING, ARRAY -> false;
        };
    }

    /**
     * Returns whether this is one of the two floating-point types.
     *
     * @return true for {@code FLOAT32} and {@code FLOAT64}
     */
    public boolean isFloat() {
        return this == FLOAT32 || this == FLOAT64;
    }

    /** Whether every value takes {@link #minBytes()}: all but strings and arrays. */
    boolean isFixed() {
        return this != STRING && this != ARRAY;
    }

    /** The bytes of a value of fixed size; for strings and arrays the bytes of an empty one. */
    int minBytes() {
        return minBytes;
    }
}
