package dev.skald.gguf;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A second reader, written after the specification, that trusts every byte. It must find the same in a file that {@link GgufFile}
 * accepts.
 */
final class NaiveReader {
    /** A tensor with its data. */
    record Tensor(String name, int type, List<Long> shape, ByteBuffer data) {}

    final Map<String, Object> keys = new LinkedHashMap<>();
    final List<Tensor> tensors = new ArrayList<>();
    private final ByteBuffer in;

    NaiveReader(byte[] file) {
        in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).position(8);
        long tensorCount = in.getLong();
        long keyCount = in.getLong();
        for (long i = 0; i < keyCount; i++) {
            String key = string();
            keys.put(key, value(in.getInt()));
        }
        long alignment = keys.containsKey("general.alignment") ? (Long) keys.get("general.alignment") : 32;
        List<Long> offsets = new ArrayList<>();
        List<Tensor> found = new ArrayList<>();
        for (long i = 0; i < tensorCount; i++) {
            String name = string();
            List<Long> shape = new ArrayList<>();
            for (int rank = in.getInt(); rank > 0; rank--) {
                shape.add(in.getLong());
            }
            found.add(new Tensor(name, in.getInt(), shape, null));
            offsets.add(in.getLong());
        }
        long start = (in.position() + alignment - 1) / alignment * alignment;
        for (int i = 0; i < found.size(); i++) {
            Tensor tensor = found.get(i);
            GgmlType type = GgmlType.ofId(tensor.type).orElseThrow();
            long bytes = tensor.shape.stream().reduce(1L, (a, b) -> a * b) / type.blockElements() * type.blockBytes();
            int from = (int) (start + offsets.get(i));
            ByteBuffer data = ByteBuffer.wrap(Arrays.copyOfRange(file, from, (int) (from + bytes)));
            tensors.add(new Tensor(tensor.name, tensor.type, tensor.shape, data));
        }
    }

    private String string() {
        byte[] utf8 = new byte[(int) in.getLong()];
        in.get(utf8);
        return text(utf8);
    }

    private Object value(int type) {
        return switch (type) {
            case 0 -> (long) Byte.toUnsignedInt(in.get());
            case 1 -> (long) in.get();
            case 2 -> (long) Short.toUnsignedInt(in.getShort());
            case 3 -> (long) in.getShort();
            case 4 -> Integer.toUnsignedLong(in.getInt());
            case 5 -> (long) in.getInt();
            case 6 -> in.getFloat();
            case 7 -> in.get() == 1;
            case 8 -> string();
            case 9 -> {
                int element = in.getInt();
                List<Object> values = new ArrayList<>();
                for (long n = in.getLong(); n > 0; n--) {
                    values.add(value(element));
                }
                yield values;
            }
            case 10 -> {
                long bits = in.getLong();
                yield bits >= 0 ? (Object) bits : new BigInteger(Long.toUnsignedString(bits));
            }
            case 11 -> in.getLong();
            case 12 -> in.getDouble();
            default -> throw new IllegalArgumentException("value type " + type);
        };
    }

    /** Reads the longest character at each place, or escapes a byte as PEP 383 does. */
    private static String text(byte[] utf8) {
        StringBuilder text = new StringBuilder();
        for (int at = 0, length; at < utf8.length; at += Math.max(1, length)) {
            for (length = Math.min(4, utf8.length - at); length > 0; length--) {
                String character = new String(utf8, at, length, StandardCharsets.UTF_8);
                byte[] again = character.getBytes(StandardCharsets.UTF_8);
                if (character.codePointCount(0, character.length()) == 1
                        && Arrays.equals(again, 0, again.length, utf8, at, at + length)) {
                    text.append(character);
                    break;
                }
            }
            if (length == 0) {
                text.append((char) (0xDC00 + (utf8[at] & 0xFF)));
            }
        }
        return text.toString();
    }
}
