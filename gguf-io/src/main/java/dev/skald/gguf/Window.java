package dev.skald.gguf;

import dev.skald.gguf.io.RawText;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Reads numbers and strings of a mapped file that follow each other. A piece of the file is copied at a time: a vocabulary has
 * hundreds of thousands of strings, and a copy for each length would take longer than all the rest.
 *
 * <p>Not thread-safe.
 */
final class Window {
    private static final int BYTES = 1 << 13;

    private final MemorySegment file;
    private final byte[] bytes = new byte[BYTES];
    /** Where the piece begins in the file, and how much of it there is. */
    private long start;

    private int count;

    Window(MemorySegment file) {
        this.file = file;
    }

    int u32(long at) {
        int from = place(at, Integer.BYTES);
        return bytes[from] & 0xFF
                | (bytes[from + 1] & 0xFF) << 8
                | (bytes[from + 2] & 0xFF) << 16
                | bytes[from + 3] << 24;
    }

    long u64(long at) {
        return u32(at) & 0xFFFF_FFFFL | (long) u32(at + Integer.BYTES) << 32;
    }

    /** Returns the string of so many bytes. */
    String text(long at, int length) {
        if (length > BYTES) {
            return RawText.decode(Values.bytes(file, at, length), 0, length);
        }
        return RawText.decode(bytes, place(at, length), length);
    }

    /** Returns where in the piece some bytes are; copies the piece that begins with them if they are not in it. */
    private int place(long at, int length) {
        if (at < start || at + length > start + count) {
            start = at;
            count = (int) Math.min(BYTES, file.byteSize() - at);
            MemorySegment.copy(file, ValueLayout.JAVA_BYTE, at, bytes, 0, count);
        }
        return (int) (at - start);
    }
}
