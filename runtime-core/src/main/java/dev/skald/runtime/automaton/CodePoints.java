package dev.skald.runtime.automaton;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** A set of characters. It never contains surrogates, which UTF-8 cannot encode. */
public final class CodePoints {
    /** The empty set. */
    public static final CodePoints NONE = new CodePoints(new int[0]);
    /** The set of all characters. */
    public static final CodePoints ALL = of(0, Character.MAX_CODE_POINT);

    /** The first and the last character of each range, in ascending order, with gaps between the ranges. */
    private final int[] bounds;

    private final int hash;

    private CodePoints(int[] bounds) {
        this.bounds = bounds;
        this.hash = Arrays.hashCode(bounds);
    }

    /**
     * Returns the set of the characters of some ranges.
     *
     * @param bounds the first and the last character of each range, in any order; a range whose last is before its
     *     first is empty
     */
    public static CodePoints of(int... bounds) {
        List<int[]> ranges = new ArrayList<>();
        for (int i = 0; i < bounds.length; i += 2) {
            addWithoutSurrogates(ranges, bounds[i], Math.min(bounds[i + 1], Character.MAX_CODE_POINT));
        }
        ranges.sort(Comparator.comparingInt(range -> range[0]));
        int[] merged = new int[2 * ranges.size()];
        int count = 0;
        for (int[] range : ranges) {
            if (count > 0 && range[0] <= merged[count - 1] + 1) {
                merged[count - 1] = Math.max(merged[count - 1], range[1]);
            } else {
                merged[count++] = range[0];
                merged[count++] = range[1];
            }
        }
        return new CodePoints(Arrays.copyOf(merged, count));
    }

    private static void addWithoutSurrogates(List<int[]> ranges, int first, int last) {
        if (first < Character.MIN_SURROGATE && first <= last) {
            ranges.add(new int[] {first, Math.min(last, Character.MIN_SURROGATE - 1)});
        }
        if (last > Character.MAX_SURROGATE && first <= last) {
            ranges.add(new int[] {Math.max(first, Character.MAX_SURROGATE + 1), last});
        }
    }

    /** Returns the set of one character. */
    public static CodePoints one(int c) {
        return of(c, c);
    }

    /** Returns the first and the last character of each range, in ascending order. */
    public int[] bounds() {
        return bounds.clone();
    }

    /** Returns whether the set is empty. */
    public boolean isEmpty() {
        return bounds.length == 0;
    }

    /** Returns whether a character is in the set. */
    public boolean contains(int c) {
        int at = Arrays.binarySearch(bounds, c);
        return at >= 0 || (-at - 1) % 2 == 1;
    }

    /** Returns the union with another set. */
    public CodePoints or(CodePoints other) {
        int[] both = Arrays.copyOf(bounds, bounds.length + other.bounds.length);
        System.arraycopy(other.bounds, 0, both, bounds.length, other.bounds.length);
        return of(both);
    }

    /** Returns the complement. */
    public CodePoints not() {
        int[] rest = new int[bounds.length + 2];
        int count = 0;
        int from = 0;
        for (int i = 0; i < bounds.length; i += 2) {
            rest[count++] = from;
            rest[count++] = bounds[i] - 1;
            from = bounds[i + 1] + 1;
        }
        rest[count++] = from;
        rest[count] = Character.MAX_CODE_POINT;
        return of(rest);
    }

    /** Returns the intersection with another set. */
    public CodePoints and(CodePoints other) {
        int[] common = new int[bounds.length + other.bounds.length];
        int count = 0;
        for (int i = 0, k = 0; i < bounds.length && k < other.bounds.length; ) {
            int first = Math.max(bounds[i], other.bounds[k]);
            int last = Math.min(bounds[i + 1], other.bounds[k + 1]);
            if (first <= last) {
                common[count++] = first;
                common[count++] = last;
            }
            if (last == bounds[i + 1]) {
                i += 2;
            } else {
                k += 2;
            }
        }
        return new CodePoints(Arrays.copyOf(common, count));
    }

    @Override
    public boolean equals(Object other) {
        return this == other || other instanceof CodePoints set && Arrays.equals(bounds, set.bounds);
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
