package dev.skald.runtime.jinja;

import java.util.HashMap;
import java.util.Map;

/** All filters, by name. The first argument of each filter is the value that it applies to. */
final class Filters {
    private static final Map<String, Builtin> FILTERS = new HashMap<>();

    static {
        FILTERS.putAll(TextFilters.TABLE);
        FILTERS.putAll(SequenceFilters.TABLE);
        FILTERS.putAll(ValueFilters.TABLE);
    }

    private Filters() {}

    static boolean contains(String name) {
        return FILTERS.containsKey(name);
    }

    static Object apply(String name, Object value, Arguments arguments, Interpreter in) {
        Builtin filter = FILTERS.get(name);
        if (filter == null) {
            throw TemplateError.evaluation("there is no filter '" + name + "'");
        }
        return filter.call(arguments.after(value), in);
    }
}
