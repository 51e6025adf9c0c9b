package dev.skald.runtime.schema;

import dev.skald.runtime.automaton.Dfa;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** One alternative of some schemas: a list of demands for each kind of value. */
final class Shape {
    static final int NULL = 1;
    static final int FALSE = 2;
    static final int TRUE = 4;
    static final int NUMBER = 8;
    static final int STRING = 16;
    static final int ARRAY = 32;
    static final int OBJECT = 64;
    static final int ALL = 127;

    int types = ALL;
    NumberRange numbers = NumberRange.ALL;
    /** The allowed strings; null for all. */
    Dfa strings;
    /** The only allowed values, from {@code enum} and {@code const}; null for any. */
    List<Object> values;

    final List<Object> excluded = new ArrayList<>();
    final List<ArrayPart> arrays = new ArrayList<>();
    final List<ObjectPart> objects = new ArrayList<>();

    Shape copy() {
        Shape copy = new Shape();
        copy.types = types;
        copy.numbers = numbers;
        copy.strings = strings;
        copy.values = values;
        copy.excluded.addAll(excluded);
        copy.arrays.addAll(arrays);
        copy.objects.addAll(objects);
        return copy;
    }

    boolean has(int type) {
        return (types & type) != 0;
    }

    void only(int kept) {
        types &= kept;
        if (numbers.isEmpty()) {
            types &= ~NUMBER;
        }
        if (strings != null && strings.isEmpty()) {
            types &= ~STRING;
        }
    }

    void strings(Dfa more) {
        strings = strings == null ? more : strings.and(more);
        only(ALL);
    }

    /** Returns the kind of a value. */
    static int type(Object value) {
        return switch (value) {
            case null -> NULL;
            case Boolean truth -> truth ? TRUE : FALSE;
            case BigDecimal _ -> NUMBER;
            case String _ -> STRING;
            case List<?> _ -> ARRAY;
            case Map<?, ?> _ -> OBJECT;
            default -> throw new IllegalArgumentException("not of JSON: " + value);
        };
    }

    /**
     * Returns whether two values are equal in JSON Schema, which compares numbers by value and ignores the order of
     * keys.
     */
    static boolean same(Object one, Object other) {
        if (one instanceof BigDecimal number) {
            return other instanceof BigDecimal second && number.compareTo(second) == 0;
        }
        if (one instanceof List<?> list) {
            if (!(other instanceof List<?> second) || list.size() != second.size()) {
                return false;
            }
            for (int i = 0; i < list.size(); i++) {
                if (!same(list.get(i), second.get(i))) {
                    return false;
                }
            }
            return true;
        }
        if (one instanceof Map<?, ?> map) {
            return other instanceof Map<?, ?> second
                    && map.keySet().equals(second.keySet())
                    && map.keySet().stream().allMatch(key -> same(map.get(key), second.get(key)));
        }
        return one == null ? other == null : one.equals(other);
    }
}
