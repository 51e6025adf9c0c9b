package dev.skald.runtime.jinja;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** Operations on values of all types, with Python's results. */
final class Values {
    private Values() {}

    /** Returns the name of a type in Python. */
    static String typeName(Object value) {
        return switch (value) {
            case null -> "NoneType";
            case String _ -> "str";
            case Markup _ -> "Markup";
            case Boolean _ -> "bool";
            case Long _, BigInteger _ -> "int";
            case Double _ -> "float";
            case Tuple _ -> "tuple";
            case Range _ -> "range";
            case List<?> _ -> "list";
            case Map<?, ?> _ -> "dict";
            case Lazy _ -> "generator";
            case DictView view -> view.typeName();
            case Undefined _ -> "Undefined";
            case Namespace _ -> "Namespace";
            case Macro _ -> "Macro";
            case Loop _ -> "LoopContext";
            case Callable _ -> "function";
            default -> "object";
        };
    }

    static boolean truth(Object value) {
        return switch (value) {
            case null -> false;
            case Boolean truth -> truth;
            case String text -> !text.isEmpty();
            case Long number -> number != 0;
            case Double number -> number != 0;
            case Undefined _ -> false;
            case Collection<?> values -> !values.isEmpty();
            case Map<?, ?> dict -> !dict.isEmpty();
            case Markup(String text) -> !text.isEmpty();
            default -> true;
        };
    }

    static boolean isText(Object value) {
        return value instanceof String || value instanceof Markup;
    }

    /** Implements Python's len. */
    static long length(Object value, Interpreter in) {
        return switch (value) {
            case String text -> Text.length(text, in);
            case Markup(String text) -> Text.length(text, in);
            case Collection<?> values -> values.size();
            case Map<?, ?> dict -> dict.size();
            case Undefined _ -> 0;
            case Loop loop -> loop.length();
            case null, default -> throw TemplateError.evaluation("a " + typeName(value) + " has no length");
        };
    }

    static boolean isIterable(Object value) {
        return isText(value)
                || value instanceof Collection<?>
                || value instanceof Map<?, ?>
                || value instanceof Iterator<?>
                || value instanceof Undefined;
    }

    /** Returns an iterator over the elements of a value. The caller charges the budget. */
    static Iterator<?> iterator(Object value, Interpreter in) {
        return switch (value) {
            case Collection<?> values -> values.iterator();
            case Map<?, ?> dict -> dict.keySet().iterator();
            case Iterator<?> once -> once;
            case String text -> Text.characters(text).iterator();
            case Markup(String text) -> Text.characters(text).iterator();
            case Undefined _ -> Collections.emptyIterator();
            case null, default ->
                throw TemplateError.evaluation("a " + typeName(value) + " has no elements to go through");
        };
    }

    /** Returns the elements of a value. */
    static List<Object> list(Object value, Interpreter in) {
        if (value instanceof Collection<?> values) {
            in.budget().spend(values.size());
            return new ArrayList<>(values);
        }
        List<Object> list = new ArrayList<>();
        for (Iterator<?> elements = iterator(value, in); elements.hasNext(); ) {
            in.budget().step();
            list.add(elements.next());
        }
        return list;
    }

    static boolean equal(Object a, Object b, Interpreter in) {
        if (a instanceof String x && b instanceof String y) {
            in.budget().scan(x.length());
            return x.equals(y);
        }
        if (a == null || b == null) {
            return a == b;
        }
        if (Numbers.isNumber(a) && Numbers.isNumber(b)) {
            return Numbers.equal(a, b);
        }
        if (isText(a) && isText(b)) {
            return equal(a.toString(), b.toString(), in);
        }
        in.budget().enter();
        boolean equal;
        if (a instanceof List<?> x && b instanceof List<?> y) {
            equal = sameKind(x, y) && x.size() == y.size() && mismatch(x, y, in) == x.size();
        } else if (a instanceof Map<?, ?> x && b instanceof Map<?, ?> y) {
            equal = x.size() == y.size() && containsAll(x, y, in);
        } else {
            equal = a == b || a instanceof Undefined && b instanceof Undefined;
        }
        in.budget().leave();
        return equal;
    }

    private static boolean sameKind(List<?> a, List<?> b) {
        return a instanceof Tuple == b instanceof Tuple && a instanceof Range == b instanceof Range;
    }

    /** Returns the first index where two lists differ, or the length of the shorter one. */
    private static int mismatch(List<?> a, List<?> b, Interpreter in) {
        int shorter = Math.min(a.size(), b.size());
        int i = 0;
        while (i < shorter && equal(a.get(i), b.get(i), in)) {
            in.budget().step();
            i++;
        }
        return i;
    }

    private static boolean containsAll(Map<?, ?> a, Map<?, ?> b, Interpreter in) {
        for (Map.Entry<?, ?> entry : a.entrySet()) {
            in.budget().step();
            Object other = Dicts.get(b, entry.getKey(), in);
            if (other == Arguments.ABSENT || !equal(entry.getValue(), other, in)) {
                return false;
            }
        }
        return true;
    }

    /** The result of {@link #order} if neither value is less and they are not equal: NaN. */
    static final int UNORDERED = 2;

    /**
     * Returns a negative number, 0 or a positive number if the first value is less, equal or greater; or {@link
     * #UNORDERED}.
     */
    static int order(Object a, Object b, Interpreter in) {
        if (Numbers.isNumber(a) && Numbers.isNumber(b)) {
            return Numbers.order(a, b);
        }
        if (isText(a) && isText(b)) {
            return Text.order(a.toString(), b.toString(), in);
        }
        if (a instanceof List<?> x && b instanceof List<?> y && sameKind(x, y) && !(a instanceof Range)) {
            in.budget().enter();
            int i = mismatch(x, y, in);
            int order = i == x.size() || i == y.size()
                    ? Integer.signum(Integer.compare(x.size(), y.size()))
                    : order(x.get(i), y.get(i), in);
            in.budget().leave();
            return order;
        }
        defined(a);
        defined(b);
        throw TemplateError.evaluation("a " + typeName(a) + " and a " + typeName(b) + " have no order");
    }

    /** Returns whether a container holds a value: as an element, a key or, for text, a part. */
    static boolean contains(Object container, Object value, Interpreter in) {
        switch (container) {
            case Map<?, ?> dict -> {
                return Dicts.get(dict, value, in) != Arguments.ABSENT;
            }
            case String text -> {
                if (!isText(value)) {
                    throw TemplateError.evaluation("only text can be in text, not a " + typeName(value));
                }
                in.budget().search(text, value.toString());
                return text.contains(value.toString());
            }
            case Markup(String text) -> {
                return contains(text, value, in);
            }
            case null, default -> {
                for (Iterator<?> elements = iterator(container, in); elements.hasNext(); ) {
                    in.budget().step();
                    if (equal(elements.next(), value, in)) {
                        return true;
                    }
                }
                return false;
            }
        }
    }

    /** Rejects an undefined value. */
    static Object defined(Object value) {
        if (value instanceof Undefined undefined) {
            throw undefined.error();
        }
        return value;
    }

    /** Sorts in ascending order. The sort is stable. */
    static List<Object> sorted(List<Object> values, Comparator comparator) {
        if (values.size() < 2) {
            return values;
        }
        List<Object> left = sorted(values.subList(0, values.size() / 2), comparator);
        List<Object> right = sorted(values.subList(values.size() / 2, values.size()), comparator);
        List<Object> merged = new ArrayList<>(values.size());
        int i = 0;
        for (Object value : right) {
            while (i < left.size() && !comparator.isLess(value, left.get(i))) {
                merged.add(left.get(i++));
            }
            merged.add(value);
        }
        merged.addAll(left.subList(i, left.size()));
        return merged;
    }

    /**
     * Compares two values. It is not a {@link java.util.Comparator}, since NaN has no order that the JDK's sort
     * accepts.
     */
    @FunctionalInterface
    interface Comparator {
        boolean isLess(Object a, Object b);
    }
}
