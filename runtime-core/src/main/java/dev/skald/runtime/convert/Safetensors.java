package dev.skald.runtime.convert;

import dev.skald.gguf.GgufFormatException;
import dev.skald.gguf.io.InputFile;
import dev.skald.runtime.json.JsonReader;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * A safetensors file: eight bytes with the length of the header, the header in JSON, and the data. Source: the
 * description of the format in the safetensors repository. All sizes and offsets are checked against the file, and the
 * data of two tensors must not overlap. Any number of threads may read.
 */
final class Safetensors implements AutoCloseable {
    /** The header limit of the format's own library. */
    private static final long MOST_HEADER_BYTES = 100_000_000;

    private static final int MOST_DIMENSIONS = 8;

    private final Path path;
    private final FileChannel channel;
    private final Map<String, Entry> entries;

    /** A tensor: its offset from the beginning of the file, and its shape with the row length last. */
    record Entry(String name, Dtype type, List<Long> shape, long offset, long bytes) {}

    private Safetensors(Path path, FileChannel channel, Map<String, Entry> entries) {
        this.path = path;
        this.channel = channel;
        this.entries = entries;
    }

    static Safetensors open(Path path) throws IOException {
        FileChannel channel = InputFile.open(path);
        try {
            return new Safetensors(path, channel, new Header(path, channel).entries());
        } catch (Throwable e) {
            channel.close();
            throw e;
        }
    }

    Path path() {
        return path;
    }

    /** Returns the tensors, ordered by name. */
    Map<String, Entry> entries() {
        return entries;
    }

    /** Reads a piece of a tensor's data. */
    void read(Entry entry, long offset, MemorySegment target) throws IOException {
        Objects.checkFromIndexSize(offset, target.byteSize(), entry.bytes);
        for (long done = 0; done < target.byteSize(); ) {
            // The length of a buffer must fit into an int.
            ByteBuffer rest = target.asSlice(done, Math.min(1 << 30, target.byteSize() - done))
                    .asByteBuffer();
            int count = channel.read(rest, entry.offset + offset + done);
            if (count < 0) {
                throw new GgufFormatException(path + ": has become shorter since it was opened: tensor '" + entry.name
                        + "' ends at " + (entry.offset + entry.bytes) + ", the file at " + channel.size());
            }
            done += count;
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // The file was only read, so an error while closing it loses nothing.
            return;
        }
    }

    /** Parses and checks the header. */
    private static final class Header {
        private final Path path;
        private final Map<?, ?> json;
        private final long start;
        private final long dataBytes;

        Header(Path path, FileChannel channel) throws IOException {
            this.path = path;
            long size = channel.size();
            if (size < Long.BYTES) {
                throw error("has " + size + " bytes; a safetensors file begins with 8 that say how long its header is");
            }
            long length = ByteBuffer.wrap(read(channel, 0, Long.BYTES))
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .getLong();
            if (length < 2 || length > MOST_HEADER_BYTES || length > size - Long.BYTES) {
                throw error("its header would have " + Long.toUnsignedString(length) + " bytes; the file has "
                        + (size - Long.BYTES) + " after the length, and at most " + MOST_HEADER_BYTES
                        + " are allowed: is it a safetensors file, and complete?");
            }
            byte[] text = read(channel, Long.BYTES, (int) length);
            start = Long.BYTES + length;
            dataBytes = size - start;
            try {
                Object header = JsonReader.readUnique(StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(text))
                        .toString());
                if (!(header instanceof Map<?, ?> map)) {
                    throw error("its header is not an object");
                }
                json = map;
            } catch (CharacterCodingException bad) {
                throw error("its header is not UTF-8");
            } catch (IllegalArgumentException bad) {
                throw error("its header is " + bad.getMessage());
            }
        }

        private byte[] read(FileChannel channel, long at, int count) throws IOException {
            ByteBuffer bytes = ByteBuffer.allocate(count);
            while (bytes.hasRemaining()) {
                if (channel.read(bytes, at + bytes.position()) < 0) {
                    throw error("became shorter while it was read");
                }
            }
            return bytes.array();
        }

        Map<String, Entry> entries() {
            Map<String, Entry> entries = new TreeMap<>(Safetensors::compareCodePoints);
            json.forEach((name, value) -> {
                if (!name.equals("__metadata__")) {
                    entries.put((String) name, entry((String) name, value));
                }
            });
            List<Entry> byPlace = new ArrayList<>(entries.values());
            byPlace.sort(Comparator.comparingLong(Entry::offset).thenComparingLong(Entry::bytes));
            for (int i = 1; i < byPlace.size(); i++) {
                Entry before = byPlace.get(i - 1);
                Entry after = byPlace.get(i);
                if (after.offset < before.offset + before.bytes) {
                    throw error("the data of tensors '" + before.name + "' and '" + after.name + "' overlap");
                }
            }
            return entries;
        }

        private Entry entry(String name, Object value) {
            if (!(value instanceof Map<?, ?> fields)) {
                throw error("tensor '" + name + "' has no description");
            }
            Dtype type = Dtype.named(String.valueOf(fields.get("dtype")));
            if (type == null) {
                throw error("tensor '" + name + "' has the type " + fields.get("dtype") + "; known are "
                        + List.of(Dtype.values()));
            }
            List<Long> shape = numbers(name, "shape", fields.get("shape"));
            List<Long> place = numbers(name, "data_offsets", fields.get("data_offsets"));
            if (shape.size() > MOST_DIMENSIONS || place.size() != 2) {
                throw error("tensor '" + name + "' has the shape " + shape + " and the data_offsets " + place
                        + "; wanted at most " + MOST_DIMENSIONS + " sizes, and two offsets");
            }
            long bytes = type.bytes();
            try {
                for (long size : shape) {
                    bytes = Math.multiplyExact(bytes, size);
                }
            } catch (ArithmeticException e) {
                throw error("tensor '" + name + "' of shape " + shape + " has more than " + Long.MAX_VALUE + " bytes");
            }
            long begin = place.get(0);
            long end = place.get(1);
            if (begin > end || end > dataBytes) {
                throw error("tensor '" + name + "' lies from " + begin + " to " + end + " of the data, which have "
                        + dataBytes + " bytes: the file is damaged or incomplete");
            }
            if (end - begin != bytes) {
                throw error("tensor '" + name + "' of type " + type + " and shape " + shape + " takes " + bytes
                        + " bytes, and its data_offsets " + place + " span " + (end - begin));
            }
            return new Entry(name, type, shape, start + begin, bytes);
        }

        private List<Long> numbers(String name, String field, Object value) {
            List<Long> numbers = new ArrayList<>();
            if (value instanceof List<?> list) {
                for (Object element : list) {
                    try {
                        long number = element instanceof BigDecimal decimal ? decimal.longValueExact() : -1;
                        if (number >= 0) {
                            numbers.add(number);
                            continue;
                        }
                    } catch (ArithmeticException e) {
                        // Fall through to the message.
                    }
                    throw error("tensor '" + name + "': " + field + " has the element " + element
                            + "; wanted an integer from 0 on");
                }
                return List.copyOf(numbers);
            }
            throw error("tensor '" + name + "': " + field + " is " + value + "; wanted a list of integers");
        }

        private GgufFormatException error(String message) {
            return new GgufFormatException(path + ": " + message);
        }
    }

    /** Compares strings as Python does. This decides the order of tensors. */
    static int compareCodePoints(String a, String b) {
        int i = 0;
        while (i < a.length() && i < b.length() && a.charAt(i) == b.charAt(i)) {
            i++;
        }
        if (i == a.length() || i == b.length()) {
            return Integer.compare(a.length(), b.length());
        }
        return Integer.compare(a.codePointAt(i), b.codePointAt(i));
    }
}
