package dev.skald.runtime.tokenizer;

import java.util.Arrays;

/** A growing list of ints. */
final class IntList {
    private int[] values;
    private int size;

    IntList(int capacity) {
        values = new int[Math.max(capacity, 8)];
    }

    void add(int value) {
        if (size == values.length) {
            values = Arrays.copyOf(values, size + (size >> 1));
        }
        values[size++] = value;
    }

    int get(int index) {
        return values[index];
    }

    int size() {
        return size;
    }

    /** Removes all numbers after the first so many. */
    void truncate(int length) {
        size = length;
    }

    int[] toArray() {
        return Arrays.copyOf(values, size);
    }
}
