package dev.skald.runtime.jinja;

import java.util.AbstractList;

/** A Python range. */
final class Range extends AbstractList<Object> {
    private final long start;
    private final long step;
    private final long stop;
    private final int size;

    /** Creates a range. The step must not be 0. */
    Range(long start, long stop, long step) {
        double span = step > 0 ? (double) stop - start : (double) start - stop;
        double count = Math.ceil(span / Math.abs((double) step));
        if (count > Limits.RANGE) {
            throw TemplateError.limit("a range has more than " + Limits.RANGE + " elements");
        }
        this.start = start;
        this.stop = stop;
        this.step = step;
        this.size = (int) Math.max(0, count);
    }

    @Override
    public Object get(int index) {
        return start + index * step;
    }

    @Override
    public int size() {
        return size;
    }

    Range slice(Slicing slicing) {
        Slicing.Bounds bounds = slicing.of(size);
        long first = start + bounds.start() * step;
        return new Range(first, first + bounds.count() * bounds.step() * step, bounds.step() * step);
    }

    /** Returns the text that Python prints. */
    @Override
    public String toString() {
        return "range(" + start + ", " + stop + (step == 1 ? "" : ", " + step) + ")";
    }
}
