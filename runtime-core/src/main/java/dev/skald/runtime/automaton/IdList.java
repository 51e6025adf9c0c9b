package dev.skald.runtime.automaton;

import java.util.Arrays;

/** A growing list of token ids. */
final class IdList {
    private int[] ids = new int[256];
    private int size;

    void add(int[] from, int begin, int end) {
        int count = end - begin;
        if (count == 0) {
            return;
        }
        if (size + count > ids.length) {
            ids = Arrays.copyOf(ids, Math.max(2 * ids.length, size + count));
        }
        if (count == 1) {
            ids[size] = from[begin];
        } else {
            System.arraycopy(from, begin, ids, size, count);
        }
        size += count;
    }

    int[] toArray() {
        return Arrays.copyOf(ids, size);
    }
}
