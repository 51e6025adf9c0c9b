package dev.skald.runtime.jinja;

import java.util.List;
import java.util.Map;

/** Looks up keys in dicts. The keys 1, 1.0 and True are the same. */
final class Dicts {
    private Dicts() {}

    /** Returns the value of a key, or {@link Arguments#ABSENT}. */
    static Object get(Map<?, ?> dict, Object key, Interpreter in) {
        Object known = knownKey(dict, key, in);
        Object value = dict.get(known);
        return value != null || dict.containsKey(known) ? value : Arguments.ABSENT;
    }

    static void put(Map<Object, Object> dict, Object key, Object value, Interpreter in) {
        dict.put(knownKey(dict, key, in), value);
    }

    /** Returns whether a value can be a key. */
    static boolean isKey(Object value) {
        return !(value instanceof Map<?, ?>) && (!(value instanceof List<?>) || value instanceof Tuple);
    }

    /** Returns the key in the form that the dict holds. */
    private static Object knownKey(Map<?, ?> dict, Object key, Interpreter in) {
        switch (key) {
            case String text -> {
                in.budget().scan(text.length());
                return text;
            }
            case Markup(String text) -> {
                return knownKey(dict, text, in);
            }
            case null -> {
                return null;
            }
            default -> {
                check(key, in);
                if (!Numbers.isNumber(key) || dict.containsKey(key)) {
                    return key;
                }
                Object integer = integer(key);
                for (Object same : new Object[] {integer, asDouble(integer), asBoolean(integer)}) {
                    if (same != null && dict.containsKey(same)) {
                        return same;
                    }
                }
                return key;
            }
        }
    }

    private static Object integer(Object number) {
        return switch (number) {
            case Boolean truth -> truth ? 1L : 0L;
            case Double d when d == Math.rint(d) && Math.abs(d) < 1L << 53 -> d.longValue();
            case Long l -> l;
            default -> null;
        };
    }

    private static Object asDouble(Object integer) {
        return integer instanceof Long l && Math.abs(l) < 1L << 53 ? (double) l : null;
    }

    private static Object asBoolean(Object integer) {
        return integer instanceof Long l && (l == 0 || l == 1) ? l == 1 : null;
    }

    private static void check(Object key, Interpreter in) {
        if (!isKey(key)) {
            throw TemplateError.evaluation("a " + Values.typeName(key) + " cannot be the key of a dict");
        }
        if (key instanceof Tuple tuple) {
            in.budget().enter();
            for (Object element : tuple) {
                in.budget().step();
                check(element, in);
            }
            in.budget().leave();
        }
    }
}
