package dev.skald.runtime.jinja;

import java.util.HashMap;
import java.util.Map;

/** Variables within an enclosing scope. Reads search outwards; writes stay in this scope. */
final class Scope {
    private final Scope outer;
    private final Map<String, ?> given;
    private Map<String, Object> variables;

    /** Creates a scope within another one. */
    Scope(Scope outer) {
        this(outer, Map.of());
    }

    /** Creates a scope within another one, or at the top, with variables that never change. */
    Scope(Scope outer, Map<String, ?> given) {
        this.outer = outer;
        this.given = given;
    }

    /** Returns the value of a variable, or {@link Undefined}. */
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
