package dev.skald.runtime.jinja;

import java.util.LinkedHashMap;
import java.util.Map;

/** The only mutable value: a loop or a macro can set its attributes. */
final class Namespace implements Attributed {
    private final Map<String, Object> attributes = new LinkedHashMap<>();

    Map<String, Object> attributes() {
        return attributes;
    }

    @Override
    public Object attribute(String name, Interpreter in) {
        Object value = attributes.get(name);
        return value != null || attributes.containsKey(name) ? value : Undefined.member(this, name);
    }
}
