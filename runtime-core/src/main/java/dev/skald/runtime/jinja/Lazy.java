package dev.skald.runtime.jinja;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Supplier;

/** Values that are computed once, when they are requested. Python calls this a generator. */
final class Lazy implements Iterator<Object> {
    private static final Object NOTHING = new Object();

    /** Supplies one value after another. */
    interface Source {
        /** Returns the next value, or {@link #end()}. */
        Object next();
    }

    private final Budget budget;
    private Supplier<Source> beginning;
    private Source source;
    private Object ahead = NOTHING;
    private boolean ended;

    /** Values whose beginning is put off, too: whatever is wrong shows when the first one is asked for. */
    Lazy(Budget budget, Supplier<Source> beginning) {
        this.budget = budget;
        this.beginning = beginning;
    }

    /** Marks the end of the values of a source. */
    static Object end() {
        return NOTHING;
    }

    @Override
    public boolean hasNext() {
        if (ahead == NOTHING && !ended) {
            // A source may draw on another one, and that on a third.
            budget.enter();
            budget.step();
            if (source == null) {
                source = beginning.get();
                beginning = null;
            }
            ahead = source.next();
            ended = ahead == NOTHING;
            budget.leave();
        }
        return !ended;
    }

    @Override
    public Object next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        Object value = ahead;
        ahead = NOTHING;
        return value;
    }
}
