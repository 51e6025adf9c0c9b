package dev.skald.runtime.jinja;

import java.util.LinkedHashMap;
import java.util.Map;

/** The one value that changes: its attributes can be set from inside a loop or a macro. */
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
