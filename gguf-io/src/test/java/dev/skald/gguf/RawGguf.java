package dev.skald.gguf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Builds a file byte by byte after the specification, without the writer under test. The file may be wrong on purpose. */
final class RawGguf {
    private ByteBuffer bytes = ByteBuffer.allocate(1 << 10).order(ByteOrder.LITTLE_ENDIAN);

    /** Magic, version and counts. */
    static RawGguf header(int version, long tensors, long keys) {
        return new RawGguf().text("GGUF").u32(version).u64(tensors).u64(keys);
    }

    static RawGguf header(long tensors, long keys) {
        return header(3, tensors, keys);
    }

    int size() {
        return bytes.position();
    }

    RawGguf u8(int value) {
        room(1).put((byte) value);
        return this;
    }

    RawGguf u32(int value) {
        room(4).putInt(value);
        return this;
    }

    RawGguf u64(long value) {
        room(8).putLong(value);
        return this;
    }

    RawGguf bytes(byte... value) {
        room(value.length).put(value);
        return this;
    }

    /** Characters without a length before them. */
    RawGguf text(String value) {
        return bytes(value.getBytes(StandardCharsets.UTF_8));
    }

    RawGguf string(String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        return u64(utf8.length).bytes(utf8);
    }

    /** A key and its value's type; the value follows. */
    RawGguf key(String key, GgufValueType type) {
        return string(key).u32(type.id());
    }

    RawGguf uint32(String key, int value) {
        return key(key, GgufValueType.UINT32).u32(value);
    }

    /** A key with an array's type and length; the elements follow. */
    RawGguf array(String key, GgufValueType element, long count) {
        return key(key, GgufValueType.ARRAY).u32(element.id()).u64(count);
    }

    RawGguf tensor(String name, int type, long offset, long... shape) {
        string(name).u32(shape.length);
        Arrays.stream(shape).forEach(this::u64);
        return u32(type).u64(offset);
    }

    RawGguf tensor(String name, GgmlType type, long offset, long... shape) {
        return tensor(name, type.id(), offset, shape);
    }

    /** Zeros up to a multiple. */
    RawGguf pad(int alignment) {
        return zeros(-size() & (alignment - 1));
    }

    RawGguf zeros(int count) {
        return bytes(new byte[count]);
    }

    /** Writes a byte at a place, in place of what was there. */
    RawGguf with(int place, int value) {
        bytes.put(place, (byte) value);
        return this;
    }

    RawGguf cut(int size) {
        bytes.position(size);
        return this;
    }

    byte[] toBytes() {
        return Arrays.copyOf(bytes.array(), bytes.position());
    }

    Path write(Path file) throws IOException {
        return Files.write(file, toBytes());
    }

    private ByteBuffer room(int count) {
        if (bytes.remaining() < count) {
            int size = Math.max(2 * bytes.capacity(), bytes.position() + count);
            bytes = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN).put(bytes.flip());
        }
        return bytes;
    }
}
