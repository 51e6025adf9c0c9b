package dev.skald.gguf;

import dev.skald.gguf.io.RawText;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Locale;

/** Reads a file from its beginning, never past its end. Every error says what was being read, and where. */
final class Cursor {
    /** The longest accepted string; it fits a Java String whatever its characters are. */
    static final long MAX_STRING_BYTES = 1L << 29;

    private final Path path;
    private final MemorySegment file;
    private final Window window;
    private long at;
    private String kind = "the header";
    private String name;
    private int index;
    private int count;

    Cursor(Path path, MemorySegment file) {
        this.path = path;
        this.file = file;
        this.window = new Window(file);
    }

    long at() {
        return at;
    }

    /** Goes back to an earlier place. */
    void rewind(long place) {
        at = place;
    }

    long remaining() {
        return file.byteSize() - at;
    }

    /** Names what is read from here on, for messages: a key or tensor whose name is not known yet. */
    void subject(String kind, int index, int count) {
        this.kind = kind;
        this.name = null;
        this.index = index;
        this.count = count;
    }

    /** Adds the name to what is being read. */
    void subject(String name) {
        this.name = name;
    }

    int u32() {
        return window.u32(take(Integer.BYTES));
    }

    long u64() {
        return window.u64(take(Long.BYTES));
    }

    /** Skips bytes that are there. */
    long take(long bytes) {
        if (bytes > remaining()) {
            throw fail(
                    at,
                    "needs " + bytes + " bytes and " + remaining() + " are left of " + file.byteSize()
                            + ": the file is truncated or damaged");
        }
        long from = at;
        at += bytes;
        return from;
    }

    /** Reads a number of items, each of which takes at least so many of the remaining bytes. */
    long count(String items, int minBytes) {
        long from = at;
        long count = u64();
        if (count < 0 || count > remaining() / minBytes) {
            throw fail(
                    from,
                    "says " + Long.toUnsignedString(count) + " " + items + " of at least " + minBytes
                            + " bytes each, and " + remaining() + " bytes are left: the file is truncated or damaged");
        }
        return count;
    }

    /** Checks and skips a string. Its bytes need not be UTF-8, because a token may consist of any bytes. */
    void skipString() {
        long from = at;
        long length = u64();
        if (length < 0 || length > remaining()) {
            throw fail(
                    from,
                    "has a string of " + Long.toUnsignedString(length) + " bytes, and " + remaining()
                            + " bytes are left: the file is truncated or damaged");
        }
        if (length > MAX_STRING_BYTES) {
            throw fail(
                    from, "has a string of " + length + " bytes; more than " + MAX_STRING_BYTES + " are not supported");
        }
        at += length;
    }

    /** Reads a name: a short string. */
    String name(int maxBytes) {
        long from = at;
        skipString();
        long length = at - from - Long.BYTES;
        if (length > maxBytes) {
            throw fail(from, "has a name of " + length + " bytes; at most " + maxBytes + " are allowed");
        }
        byte[] utf8 = Values.bytes(file, from + Long.BYTES, (int) length);
        long bad = Utf8.malformedAt(MemorySegment.ofArray(utf8), 0, length);
        if (bad >= 0) {
            throw fail(
                    from + Long.BYTES + bad,
                    String.format(
                            Locale.ROOT,
                            "has a name of %d bytes (from byte %d) that is not valid UTF-8 at 0x%02x",
                            length,
                            from + Long.BYTES,
                            utf8[(int) bad]));
        }
        return RawText.decode(utf8, 0, utf8.length);
    }

    GgufFormatException fail(long offset, String problem) {
        String which =
                name != null ? " " + GgufFormatException.quote(name) : count > 0 ? " " + index + " of " + count : "";
        return new GgufFormatException(path, offset, kind + which + " " + problem);
    }
}
