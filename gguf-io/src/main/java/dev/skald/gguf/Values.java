package dev.skald.gguf;

import dev.skald.gguf.io.RawText;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.ByteOrder;

/** Decodes metadata values, which have been checked, from the mapped file. */
final class Values {
    static final ValueLayout.OfByte U8 = ValueLayout.JAVA_BYTE;
    static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfDouble F64 = ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private Values() {}

    /**
     * Copies bytes of a mapped file. If the page is missing, a copy throws. A load in compiled code may crash the JVM instead, for
     * example one that widens an int (JDK 25, x86-64).
     */
    static MemorySegment copy(MemorySegment file, long at, int count) {
        return MemorySegment.ofArray(bytes(file, at, count));
    }

    /** Copies bytes of a mapped file, as {@link #copy} does. */
    static byte[] bytes(MemorySegment file, long at, int count) {
        byte[] bytes = new byte[count];
        MemorySegment.copy(file, ValueLayout.JAVA_BYTE, at, bytes, 0, count);
        return bytes;
    }

    private static MemorySegment copy(MemorySegment file, GgufValueType type, long at) {
        return copy(file, at, type.minBytes());
    }

    static int u32(MemorySegment file, long at) {
        return copy(file, at, Integer.BYTES).get(U32, 0);
    }

    static long u64(MemorySegment file, long at) {
        return copy(file, at, Long.BYTES).get(U64, 0);
    }

    /** An integer of any integer type; for {@code UINT64} its 64 bits, negative when it is above {@link Long#MAX_VALUE}. */
    static long integer(MemorySegment file, GgufValueType type, long at) {
        return integerOf(copy(file, type, at), type, 0);
    }

    /** An integer of bytes that are a copy already. */
    static long integerOf(MemorySegment bytes, GgufValueType type, long at) {
        return switch (type) {
            case UINT8 -> bytes.get(U8, at) & 0xFF;
            case INT8 -> bytes.get(U8, at);
            case UINT16 -> bytes.get(U16, at) & 0xFFFF;
            case INT16 -> bytes.get(U16, at);
            case UINT32 -> Integer.toUnsignedLong(bytes.get(U32, at));
            case INT32 -> bytes.get(U32, at);
            case UINT64, INT64 -> bytes.get(U64, at);
            case FLOAT32, FLOAT64, BOOL, STRING, ARRAY -> throw new AssertionError(type);
        };
    }

    /** A number of any numeric type, rounded to the nearest double. */
    static double number(MemorySegment file, GgufValueType type, long at) {
        return numberOf(copy(file, type, at), type, 0);
    }

    /** A number of bytes that are a copy already. */
    static double numberOf(MemorySegment bytes, GgufValueType type, long at) {
        return switch (type) {
            case FLOAT32 -> bytes.get(F32, at);
            case FLOAT64 -> bytes.get(F64, at);
            case UINT64 -> unsigned(integerOf(bytes, type, at)).doubleValue();
            default -> integerOf(bytes, type, at);
        };
    }

    static boolean bool(MemorySegment file, long at) {
        return copy(file, GgufValueType.BOOL, at).get(U8, 0) != 0;
    }

    static String string(MemorySegment file, long at) {
        int length = (int) u64(file, at);
        return RawText.decode(bytes(file, at + Long.BYTES, length), 0, length);
    }

    /** A value as an object: Long (BigInteger beyond it), Float, Double, Boolean or String. */
    static Object boxed(MemorySegment file, GgufValueType type, long at) {
        return switch (type) {
            case UINT8, INT8, UINT16, INT16, UINT32, INT32, INT64 -> integer(file, type, at);
            case UINT64 -> {
                long bits = integer(file, type, at);
                yield bits >= 0 ? (Object) bits : unsigned(bits);
            }
            case FLOAT32 -> copy(file, type, at).get(F32, 0);
            case FLOAT64 -> copy(file, type, at).get(F64, 0);
            case BOOL -> bool(file, at);
            case STRING -> string(file, at);
            case ARRAY -> throw new AssertionError(type);
        };
    }

    /** Where the value after this one begins. */
    static long end(MemorySegment file, GgufValueType type, long at) {
        return switch (type) {
            case STRING -> at + Long.BYTES + u64(file, at);
            case ARRAY -> {
                GgufValueType element = GgufValueType.ofId(u32(file, at)).orElseThrow();
                long count = u64(file, at + Integer.BYTES);
                long next = at + type.minBytes();
                if (element.isFixed()) {
                    yield next + count * element.minBytes();
                }
                for (long i = 0; i < count; i++) {
                    next = end(file, element, next);
                }
                yield next;
            }
            default -> at + type.minBytes();
        };
    }

    private static BigInteger unsigned(long bits) {
        return new BigInteger(Long.toUnsignedString(bits));
    }
}
