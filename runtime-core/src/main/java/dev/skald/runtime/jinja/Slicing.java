package dev.skald.runtime.jinja;

import java.util.ArrayList;
import java.util.List;

/** {@code [start:stop:step]}. Each part may be null for its default. */
record Slicing(Long start, Long stop, Long step) {
    /** The elements of a sequence that a slice selects. */
    record Bounds(int start, int step, int count) {
        int index(int i) {
            return start + i * step;
        }
    }

    Bounds of(int length) {
        long by = step == null ? 1 : step;
        if (by == 0) {
            throw TemplateError.evaluation("the step of a slice is 0");
        }
        // The lowest and the highest position of a slice. Backwards, the lowest one is before the first element.
        long low = by > 0 ? 0 : -1;
        long high = by > 0 ? length : length - 1L;
        long from = start == null ? (by > 0 ? low : high) : clamp(start, length, low, high);
        long to = stop == null ? (by > 0 ? high : low) : clamp(stop, length, low, high);
        long span = by > 0 ? to - from : from - to;
        long size = Math.abs(Math.clamp(by, -length - 1L, length + 1L));
        int count = span <= 0 ? 0 : (int) ((span - 1) / size + 1);
        return new Bounds(count == 0 ? 0 : (int) from, (int) (by > 0 ? size : -size), count);
    }

    private static long clamp(long index, int length, long low, long high) {
        return Math.clamp(index < 0 ? Math.max(index, -length - 1L) + length : index, low, high);
    }

    List<Object> of(List<?> list, Interpreter in) {
        Bounds bounds = of(list.size());
        in.budget().spend(bounds.count());
        List<Object> part = new ArrayList<>(bounds.count());
        for (int i = 0; i < bounds.count(); i++) {
            part.add(list.get(bounds.index(i)));
        }
        return part;
    }
}
