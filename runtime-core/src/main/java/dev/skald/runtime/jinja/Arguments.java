package dev.skald.runtime.jinja;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** The values of a call. */
record Arguments(List<Object> positional, Map<String, Object> named) {
    /** Stands where an optional argument is not given; not the same as None. */
    static final Object ABSENT = new Object();

    static final Arguments NONE = new Arguments(List.of(), Map.of());

    static Arguments of(Object... values) {
        return new Arguments(Arrays.asList(values), Map.of());
    }

    /** The same with a value in front: what a filter filters, whose method it is. */
    Arguments after(Object first) {
        List<Object> all = new ArrayList<>(positional.size() + 1);
        all.add(first);
        all.addAll(positional);
        return new Arguments(all, named);
    }

    static Object or(Object value, Object fallback) {
        return value == ABSENT ? fallback : value;
    }

    /** An argument that is absent or None. */
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

    /** An integer, of which values beyond {@code long} are as good as the largest one. */
    static long whole(Object value) {
        return switch (value) {
            case Long number -> number;
            case Boolean truth -> truth ? 1 : 0;
            case BigInteger number -> number.signum() < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
            case Undefined undefined -> throw undefined.error();
            case null, default -> throw wrong("an integer", value);
        };
    }

    /** As {@link #whole}, and values beyond {@code int} are as good as the largest one. */
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
