package dev.skald.runtime.chat;

import dev.skald.runtime.jinja.Json;
import dev.skald.runtime.jinja.TemplateError;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Values as JSON has them: copied from Java's, and never changed. */
final class JsonValues {
    private static final int MAX_DEPTH = 100;

    private JsonValues() {}

    /**
     * An immutable copy of a value.
     *
     * @param name what the value is for, in errors
     * @throws IllegalArgumentException if it holds anything that is not JSON
     */
    static Object copy(String name, Object value) {
        return copy(name, value, 0);
    }

    /** As {@link #copy}, for an object. */
    static Map<String, Object> copyObject(String name, Map<String, ?> object) {
        return object(name, Objects.requireNonNull(object, name), 0);
    }

    /**
     * Reads an object.
     *
     * @throws IllegalArgumentException if the text is no JSON object
     */
    static Map<String, Object> parseObject(String name, String json) {
        Object value;
        try {
            value = Json.parse(json);
        } catch (TemplateError e) {
            throw new IllegalArgumentException(name + ": " + e.getMessage() + " in " + json, e);
        }
        if (!(value instanceof Map<?, ?> object)) {
            throw new IllegalArgumentException(name + " must be a JSON object, not " + json);
        }
        return object(name, object, 0);
    }

    private static Object copy(String name, Object value, int depth) {
        if (depth > MAX_DEPTH) {
            throw new IllegalArgumentException(name + " is nested more than " + MAX_DEPTH + " deep");
        }
        return switch (value) {
            case null -> null;
            case String _, Boolean _, Long _, BigInteger _, Double _ -> value;
            case Integer number -> number.longValue();
            case Short number -> number.longValue();
            case Byte number -> number.longValue();
            // The shortest text of the float, not all the digits of the double.
            case Float number -> Double.valueOf(number.toString());
            case List<?> list -> {
                List<Object> copy = new ArrayList<>(list.size());
                list.forEach(element -> copy.add(copy(name, element, depth + 1)));
                yield Collections.unmodifiableList(copy);
            }
            case Map<?, ?> map -> object(name, map, depth);
            default ->
                throw new IllegalArgumentException(
                        name + " has a " + value.getClass().getName()
                                + ", which JSON does not have: use String, Boolean, Number, List, Map or null");
        };
    }

    private static Map<String, Object> object(String name, Map<?, ?> map, int depth) {
        Map<String, Object> copy = new LinkedHashMap<>();
        map.forEach((key, value) -> {
            if (!(key instanceof String text)) {
                throw new IllegalArgumentException(name + " has the key " + key + ", which is not a String");
            }
            copy.put(text, copy(name, value, depth + 1));
        });
        return Collections.unmodifiableMap(copy);
    }
}
