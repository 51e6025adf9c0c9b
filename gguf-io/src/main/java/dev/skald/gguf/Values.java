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

    /** Room for one number. A file may have millions of lengths, which must not cost an object each. */
    private static final ThreadLocal<Scratch> NUMBER = ThreadLocal.withInitial(Scratch::create);

    private Values() {}

    /**
     * Copies bytes of a mapped file. If the page is missing, a copy throws. A load in compiled code may crash the JVM instead, for
     * example one that widens an int (JDK 25, x86-64).
     */
    static MemorySegment copy(MemorySegment file, long at, int count) {
        byte[] bytes = new byte[count];
        MemorySegment.copy(file, ValueLayout.JAVA_BYTE, at, bytes, 0, count);
        return MemorySegment.ofArray(bytes);
    }

    private static MemorySegment copy(MemorySegment file, GgufValueType type, long at) {
        return copy(file, at, type.minBytes());
    }

    static int u32(MemorySegment file, long at) {
        return copied(file, at, Integer.BYTES).get(U32, 0);
    }

    static long u64(MemorySegment file, long at) {
        return copied(file, at, Long.BYTES).get(U64, 0);
    }

    /** Copies a number. The result is valid until the thread copies the next one. */
    private static MemorySegment copied(MemorySegment file, long at, int count) {
        Scratch number = NUMBER.get();
        MemorySegment.copy(file, ValueLayout.JAVA_BYTE, at, number.bytes, 0, count);
        return number.segment;
    }

    private record Scratch(byte[] bytes, MemorySegment segment) {
        static Scratch create() {
            byte[] bytes = new byte[Long.BYTES];
            return new Scratch(bytes, MemorySegment.ofArray(bytes));
        }
    }

    /** An integer of any integer type; for {@code UINT64} its 64 bits, negative when it is above {@link Long#MAX_VALUE}. */
    static long integer(MemorySegment file, GgufValueType type, long at) {
        MemorySegment value = copy(file, type, at);
        return switch (type) {
            case UINT8 -> value.get(U8, 0) & 0xFF;
            case INT8 -> value.get(U8, 0);
            case UINT16 -> value.get(U16, 0) & 0xFFFF;
            case INT16 -> value.get(U16, 0);
            case UINT32 -> Integer.toUnsignedLong(value.get(U32, 0));
            case INT32 -> value.get(U32, 0);
            case UINT64, INT64 -> value.get(U64, 0);
            case FLOAT32, FLOAT64, BOOL, STRING, ARRAY -> throw new AssertionError(type);
        };
    }

    /** A number of any numeric type, rounded to the nearest double. */
    static double number(MemorySegment file, GgufValueType type, long at) {
        return switch (type) {
            case FLOAT32 -> copy(file, type, at).get(F32, 0);
            case FLOAT64 -> copy(file, type, at).get(F64, 0);
            case UINT64 -> unsigned(integer(file, type, at)).doubleValue();
            default -> integer(file, type, at);
        };
    }

    static boolean bool(MemorySegment file, long at) {
        return copy(file, GgufValueType.BOOL, at).get(U8, 0) != 0;
    }

    static String string(MemorySegment file, long at) {
        byte[] utf8 = new byte[(int) integer(file, GgufValueType.UINT64, at)];
        MemorySegment.copy(file, ValueLayout.JAVA_BYTE, at + Long.BYTES, utf8, 0, utf8.length);
        return RawText.decode(utf8);
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
