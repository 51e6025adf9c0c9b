package dev.skald.gguf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Checks UTF-8 without decoding it. */
final class Utf8 {
    private static final long HIGH_BITS = 0x8080808080808080L;

    private Utf8() {}

    /**
     * Returns the first byte that is not part of well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing above
     * U+10FFFF).
     *
     * @return an offset in {@code segment}, or -1 if there is none
     */
    static long malformedAt(MemorySegment segment, long from, long length) {
        long end = from + length;
        long at = from;
        while (at < end) {
            while (at + Long.BYTES <= end && (segment.get(ValueLayout.JAVA_LONG_UNALIGNED, at) & HIGH_BITS) == 0) {
                at += Long.BYTES;
            }
            if (at == end) {
                break;
            }
            int width = width(segment, at, end);
            if (width == 0) {
                return at;
            }
            at += width;
        }
        return -1;
    }

    /** Returns how many bytes the character at a place has, or 0 if it is incomplete or invalid. */
    private static int width(MemorySegment segment, long at, long end) {
        int lead = segment.get(ValueLayout.JAVA_BYTE, at) & 0xFF;
        if (lead < 0x80) {
            return 1;
        }
        int width = lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
        if (width == 0 || at + width > end) {
            return 0;
        }
        // The range of the second byte depends on the first; this excludes overlong forms and surrogates.
        int second = segment.get(ValueLayout.JAVA_BYTE, at + 1) & 0xFF;
        int low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
        int high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
        if (second < low || second > high) {
            return 0;
        }
        for (int i = 2; i < width; i++) {
            if ((segment.get(ValueLayout.JAVA_BYTE, at + i) & 0xC0) != 0x80) {
                return 0;
            }
        }
        return width;
    }
}
