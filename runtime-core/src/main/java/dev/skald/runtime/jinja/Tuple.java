package dev.skald.runtime.jinja;

import java.util.AbstractList;
import java.util.Arrays;
import java.util.List;

/** A Python tuple whose elements may have names. It differs from a list only in printing, methods and addition. */
final class Tuple extends AbstractList<Object> {
    private final Object[] items;
    private final List<String> names;

    private Tuple(List<String> names, Object... items) {
        this.items = items;
        this.names = names;
    }

    static Tuple of(Object... items) {
        return new Tuple(List.of(), items);
    }

    static Tuple copyOf(List<?> items) {
        return new Tuple(List.of(), items.toArray());
    }

    static Tuple named(List<String> names, Object... items) {
        return new Tuple(names, items);
    }

    List<String> names() {
        return names;
    }

    @Override
    public Object get(int index) {
        return items[index];
    }

    @Override
    public int size() {
        return items.length;
    }

    @Override
    public Object[] toArray() {
        return Arrays.copyOf(items, items.length, Object[].class);
    }
}
