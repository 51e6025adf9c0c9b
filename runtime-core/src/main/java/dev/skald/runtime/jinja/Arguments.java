package dev.skald.runtime.jinja;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Holds the arguments of a call. */
record Arguments(List<Object> positional, Map<String, Object> named) {
    /** Marks an optional argument that was not given. It differs from None. */
    static final Object ABSENT = new Object();

    static final Arguments NONE = new Arguments(List.of(), Map.of());

    static Arguments of(Object... values) {
        return new Arguments(Arrays.asList(values), Map.of());
    }

    /** Returns these arguments with one more in front, such as the value that a filter or a method applies to. */
    Arguments after(Object first) {
        List<Object> all = new ArrayList<>(positional.size() + 1);
        all.add(first);
        all.addAll(positional);
        return new Arguments(all, named);
    }

    static Object or(Object value, Object fallback) {
        return value == ABSENT ? fallback : value;
    }

    /** Returns whether an argument is absent or None. */
    static boolean none(Object value) {
        return value == ABSENT || value == null;
    }

    static String text(Object value) {
        return switch (value) {
            case String text -> text;
            case Markup(String text) -> text;
            case Undefined undefined -> throw undefined.error();
            case null, default -> throw wrong("text", value);
        };
    }

    static String text(Object value, String fallback) {
        return none(value) ? fallback : text(value);
    }

    /** Returns an integer. Values outside the range of {@code long} become its nearest limit. */
    static long whole(Object value) {
        return switch (value) {
            case Long number -> number;
            case Boolean truth -> truth ? 1 : 0;
            case BigInteger number -> number.signum() < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
            case Undefined undefined -> throw undefined.error();
            case null, default -> throw wrong("an integer", value);
        };
    }

    /** Works as {@link #whole}. Values outside the range of {@code int} become its nearest limit. */
    static int integer(Object value) {
        return Math.clamp(whole(value), Integer.MIN_VALUE, Integer.MAX_VALUE);
    }

    static int integer(Object value, int fallback) {
        return value == ABSENT ? fallback : integer(value);
    }

    static boolean truth(Object value, boolean fallback) {
        return value == ABSENT ? fallback : Values.truth(value);
    }

    private static TemplateError wrong(String wanted, Object value) {
        return TemplateError.evaluation("needs " + wanted + ", not a " + Values.typeName(value));
    }
}
