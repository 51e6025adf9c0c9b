package dev.skald.runtime.jinja;

import java.util.HashMap;
import java.util.Map;

/** Variables, and those around them: blocks read outwards and write here. */
final class Scope {
    private final Scope outer;
    private final Map<String, ?> given;
    private Map<String, Object> variables;

    /** A scope within another one. */
    Scope(Scope outer) {
        this(outer, Map.of());
    }

    /** A scope within another one, or in none, with variables that are never changed. */
    Scope(Scope outer, Map<String, ?> given) {
        this.outer = outer;
        this.given = given;
    }

    /** A variable's value, or {@link Undefined}. */
    Object get(String name, Budget budget) {
        for (Scope scope = this; scope != null; scope = scope.outer) {
            budget.step();
            Object value = scope.find(name);
            if (value != Arguments.ABSENT) {
                return value;
            }
        }
        return Undefined.variable(name);
    }

    private Object find(String name) {
        if (variables != null) {
            Object value = variables.get(name);
            if (value != null || variables.containsKey(name)) {
                return value;
            }
        }
        return given.isEmpty() || !given.containsKey(name) ? Arguments.ABSENT : given.get(name);
    }

    void set(String name, Object value) {
        if (variables == null) {
            variables = HashMap.newHashMap(4);
        }
        variables.put(name, value);
    }
}
