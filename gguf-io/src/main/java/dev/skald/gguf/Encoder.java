package dev.skald.gguf;

import dev.skald.gguf.io.RawText;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Encodes the part of a file before the data, in memory. */
final class Encoder {
    /** How much of a wrong value a message shows. */
    private static final int MAX_SHOWN = 100;

    private ByteBuffer buffer = ByteBuffer.allocate(1 << 12).order(ByteOrder.LITTLE_ENDIAN);

    int size() {
        return buffer.position();
    }

    /** Forgets what came after a size; what a failed call leaves behind. */
    void truncate(int size) {
        buffer.position(size);
    }

    /** What has been encoded; valid until the next call. */
    ByteBuffer bytes() {
        return buffer.duplicate().flip();
    }

    Encoder u32(int value) {
        room(Integer.BYTES).putInt(value);
        return this;
    }

    Encoder u64(long value) {
        room(Long.BYTES).putLong(value);
        return this;
    }

    Encoder bytes(byte[] value) {
        room(value.length).put(value);
        return this;
    }

    Encoder string(byte[] utf8) {
        return u64(utf8.length).bytes(utf8);
    }

    /** A text's UTF-8; {@code what} names it should it have none. */
    static byte[] utf8(String text, String what) {
        try {
            ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            if (bytes.remaining() > Cursor.MAX_STRING_BYTES) {
                throw new IllegalArgumentException(what + " has " + bytes.remaining() + " bytes; more than "
                        + Cursor.MAX_STRING_BYTES + " are not supported");
            }
            byte[] utf8 = new byte[bytes.remaining()];
            bytes.get(utf8);
            return utf8;
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(what + " has an unpaired surrogate, which UTF-8 cannot represent");
        }
    }

    /** As {@link #utf8}, for values: with the bytes that {@link RawText} has escaped. */
    private static byte[] raw(String text, String what) {
        return RawText.readable(text).equals(text) ? utf8(text, what) : RawText.encode(text);
    }

    /** The type a value is stored as when none is given. */
    static GgufValueType typeOf(String key, Object value) {
        return switch (value) {
            case String _ -> GgufValueType.STRING;
            case Boolean _ -> GgufValueType.BOOL;
            case Byte _ -> GgufValueType.INT8;
            case Short _ -> GgufValueType.INT16;
            case Integer _ -> GgufValueType.INT32;
            case Long _ -> GgufValueType.INT64;
            case Float _ -> GgufValueType.FLOAT32;
            case Double _ -> GgufValueType.FLOAT64;
            case int[] _ -> GgufValueType.ARRAY;
            case long[] _ -> GgufValueType.ARRAY;
            case float[] _ -> GgufValueType.ARRAY;
            case double[] _ -> GgufValueType.ARRAY;
            case boolean[] _ -> GgufValueType.ARRAY;
            case List<?> _ -> GgufValueType.ARRAY;
            case GgufArray _ -> GgufValueType.ARRAY;
            case GgufWriter.Elements _ -> GgufValueType.ARRAY;
            case null, default ->
                throw new IllegalArgumentException(
                        "key '" + key + "': " + describe(value) + " is not a value that a file can hold");
        };
    }

    /** Encodes a value of a type. */
    void value(String key, GgufValueType type, Object value) {
        value(key, type, value, 0);
    }

    /** {@code depth}: how many arrays the value is in. */
    private void value(String key, GgufValueType type, Object value, int depth) {
        switch (type) {
            case STRING -> {
                if (!(value instanceof String text)) {
                    throw wrong(key, type, value);
                }
                string(raw(text, "key '" + key + "': the text"));
            }
            case BOOL -> {
                if (!(value instanceof Boolean truth)) {
                    throw wrong(key, type, value);
                }
                room(1).put((byte) (truth ? 1 : 0));
            }
            case FLOAT32 -> room(Float.BYTES).putFloat(number(key, type, value).floatValue());
            case FLOAT64 ->
                room(Double.BYTES).putDouble(number(key, type, value).doubleValue());
            case ARRAY -> array(key, value, depth);
            default -> integer(key, type, value);
        }
    }

    private void array(String key, Object value, int depth) {
        if (depth == Part.MAX_DEPTH) {
            throw new IllegalArgumentException(
                    "key '" + key + "': the arrays are nested deeper than " + Part.MAX_DEPTH);
        }
        switch (value) {
            case int[] values -> {
                arrayHeader(GgufValueType.INT32, values.length);
                room((long) values.length * Integer.BYTES).asIntBuffer().put(values);
                buffer.position(buffer.position() + values.length * Integer.BYTES);
            }
            case float[] values -> {
                arrayHeader(GgufValueType.FLOAT32, values.length);
                room((long) values.length * Float.BYTES).asFloatBuffer().put(values);
                buffer.position(buffer.position() + values.length * Float.BYTES);
            }
            case long[] values -> {
                arrayHeader(GgufValueType.INT64, values.length);
                for (long element : values) {
                    u64(element);
                }
            }
            case double[] values -> {
                arrayHeader(GgufValueType.FLOAT64, values.length);
                for (double element : values) {
                    room(Double.BYTES).putDouble(element);
                }
            }
            case boolean[] values -> {
                arrayHeader(GgufValueType.BOOL, values.length);
                for (boolean element : values) {
                    room(1).put((byte) (element ? 1 : 0));
                }
            }
            case GgufArray values -> {
                arrayHeader(values.elementType(), values.size());
                for (long i = 0; i < values.size(); i++) {
                    value(key, values.elementType(), values.get(i), depth + 1);
                }
            }
            case GgufWriter.Elements values -> elements(key, values.type(), values.values(), depth);
            case List<?> values -> elements(key, GgufValueType.STRING, values, depth);
            case null, default -> throw wrong(key, GgufValueType.ARRAY, value);
        }
    }

    private void elements(String key, GgufValueType type, List<?> values, int depth) {
        arrayHeader(type, values.size());
        for (Object element : values) {
            value(key, type, element, depth + 1);
        }
    }

    private void arrayHeader(GgufValueType type, long count) {
        u32(type.id()).u64(count);
    }

    private void integer(String key, GgufValueType type, Object value) {
        BigInteger integer = switch (value) {
            case BigInteger big -> big;
            case Byte small -> BigInteger.valueOf(small);
            case Short small -> BigInteger.valueOf(small);
            case Integer small -> BigInteger.valueOf(small);
            case Long small -> BigInteger.valueOf(small);
            case null, default -> throw wrong(key, type, value);
        };
        int bits = type.minBytes() * Byte.SIZE;
        boolean signed = type.name().startsWith("INT");
        BigInteger end = BigInteger.ONE.shiftLeft(signed ? bits - 1 : bits);
        BigInteger min = signed ? end.negate() : BigInteger.ZERO;
        if (integer.compareTo(min) < 0 || integer.compareTo(end) >= 0) {
            throw new IllegalArgumentException("key '" + key + "': " + integer + " does not fit " + type + ", which is "
                    + min + " to " + end.subtract(BigInteger.ONE));
        }
        long low = integer.longValue();
        switch (type.minBytes()) {
            case Byte.BYTES -> room(Byte.BYTES).put((byte) low);
            case Short.BYTES -> room(Short.BYTES).putShort((short) low);
            case Integer.BYTES -> u32((int) low);
            default -> u64(low);
        }
    }

    private static Number number(String key, GgufValueType type, Object value) {
        if (value instanceof Number number) {
            return number;
        }
        throw wrong(key, type, value);
    }

    private static IllegalArgumentException wrong(String key, GgufValueType type, Object value) {
        return new IllegalArgumentException(
                "key '" + key + "': " + describe(value) + " is not a value of type " + type);
    }

    private static String describe(Object value) {
        if (value == null) {
            return "null";
        }
        String text = value.toString();
        String shown = text.length() > MAX_SHOWN ? text.substring(0, MAX_SHOWN) + "…" : text;
        return shown + " (" + value.getClass().getSimpleName() + ")";
    }

    private ByteBuffer room(long bytes) {
        if (buffer.remaining() < bytes) {
            long wanted = Math.max(buffer.position() + bytes, 2L * buffer.capacity());
            if (buffer.position() + bytes > Integer.MAX_VALUE - 8) {
                throw new IllegalArgumentException("the metadata would take " + (buffer.position() + bytes)
                        + " bytes; more than " + (Integer.MAX_VALUE - 8) + " cannot be written");
            }
            ByteBuffer larger = ByteBuffer.allocate((int) Math.min(wanted, Integer.MAX_VALUE - 8))
                    .order(ByteOrder.LITTLE_ENDIAN);
            buffer = larger.put(buffer.flip());
        }
        return buffer;
    }
}
