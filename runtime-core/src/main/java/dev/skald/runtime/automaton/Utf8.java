package dev.skald.runtime.automaton;

import java.util.ArrayList;
import java.util.List;

/** Converts ranges of characters to ranges of UTF-8 bytes (RFC 3629). */
final class Utf8 {
    /** The last character of each encoded length. */
    private static final int[] LAST_OF_LENGTH = {0x7F, 0x7FF, 0xFFFF, 0x10FFFF};

    private Utf8() {}

    /** Returns sequences of byte ranges (the first and the last of each) that together match a set of characters. */
    static List<int[]> sequences(CodePoints set) {
        List<int[]> all = new ArrayList<>();
        int[] bounds = set.bounds();
        for (int i = 0; i < bounds.length; i += 2) {
            int first = bounds[i];
            for (int last : LAST_OF_LENGTH) {
                if (first <= Math.min(last, bounds[i + 1])) {
                    split(first, Math.min(last, bounds[i + 1]), all);
                    first = last + 1;
                }
            }
        }
        return all;
    }

    /** Splits characters of one length until all bytes after the first different byte cover their whole range. */
    private static void split(int first, int last, List<int[]> all) {
        for (int bits = 6; bits < 21 && last > 0x7F; bits += 6) {
            int low = (1 << bits) - 1;
            if ((first & ~low) != (last & ~low)) {
                if ((first & low) != 0) {
                    split(first, first | low, all);
                    split((first | low) + 1, last, all);
                    return;
                }
                if ((last & low) != low) {
                    split(first, (last & ~low) - 1, all);
                    split(last & ~low, last, all);
                    return;
                }
            }
        }
        byte[] from = Character.toString(first).getBytes(java.nio.charset.StandardCharsets.UTF_8);
        byte[] to = Character.toString(last).getBytes(java.nio.charset.StandardCharsets.UTF_8);
        int[] sequence = new int[2 * from.length];
        for (int i = 0; i < from.length; i++) {
            sequence[2 * i] = from[i] & 0xFF;
            sequence[2 * i + 1] = to[i] & 0xFF;
        }
        all.add(sequence);
    }
}
