package dev.skald.runtime.convert;

import dev.skald.gguf.GgufFormatException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An object of JSON whose values are checked as they are read. A value that is null counts as absent.
 *
 * @param place the file, and the place in it
 */
record Config(String place, Map<String, Object> values) {
    boolean has(String key) {
        return values.get(key) != null;
    }

    /** Returns the first of these keys that is present. */
    Optional<String> first(String... keys) {
        for (String key : keys) {
            if (has(key)) {
                return Optional.of(key);
            }
        }
        return Optional.empty();
    }

    /** Returns a copy with defaults for absent keys. */
    Config withDefaults(Map<String, Object> defaults) {
        Map<String, Object> all = new LinkedHashMap<>(values);
        defaults.forEach((key, value) -> {
            if (all.get(key) == null) {
                all.put(key, value);
            }
        });
        return new Config(place, all);
    }

    /** Returns a copy in which one key has another value. */
    Config with(String key, Object value) {
        Map<String, Object> all = new LinkedHashMap<>(values);
        all.put(key, value);
        return new Config(place, all);
    }

    /** Returns a copy in which the values of an inner object take precedence. */
    Config flattened(String key) {
        if (!(values.get(key) instanceof Map<?, ?>)) {
            return this;
        }
        Map<String, Object> all = new LinkedHashMap<>(values);
        all.putAll(object(key).values);
        return new Config(place, all);
    }

    int integer(String key) {
        return asInt(key, require(key));
    }

    int integer(String key, int fallback) {
        return has(key) ? integer(key) : fallback;
    }

    private int asInt(String key, Object value) {
        if (value instanceof BigDecimal number) {
            try {
                return number.intValueExact();
            } catch (ArithmeticException e) {
                throw wrong(key, value, "an integer from " + Integer.MIN_VALUE + " to " + Integer.MAX_VALUE);
            }
        }
        if (value instanceof Integer number) {
            return number;
        }
        throw wrong(key, value, "an integer");
    }

    /** Returns a count or a size: an integer of at least 1. */
    int size(String key) {
        int size = integer(key);
        if (size < 1) {
            throw wrong(key, size, "at least 1");
        }
        return size;
    }

    double number(String key) {
        return asDouble(key, require(key));
    }

    double number(String key, double fallback) {
        return has(key) ? number(key) : fallback;
    }

    private double asDouble(String key, Object value) {
        if (value instanceof Number number) {
            return number.doubleValue();
        }
        throw wrong(key, value, "a number");
    }

    boolean flag(String key, boolean fallback) {
        Object value = values.get(key);
        if (value == null) {
            return fallback;
        }
        if (value instanceof Boolean flag) {
            return flag;
        }
        throw wrong(key, value, "true or false");
    }

    Optional<String> string(String key) {
        Object value = values.get(key);
        if (value != null && !(value instanceof String)) {
            throw wrong(key, value, "a text");
        }
        return Optional.ofNullable((String) value);
    }

    @SuppressWarnings("unchecked")
    Config object(String key) {
        Object value = require(key);
        if (value instanceof Map<?, ?> map) {
            return new Config(place + ": " + key, (Map<String, Object>) map);
        }
        throw wrong(key, value, "an object");
    }

    Optional<Config> maybeObject(String key) {
        return values.get(key) instanceof Map<?, ?> ? Optional.of(object(key)) : Optional.empty();
    }

    List<?> list(String key) {
        Object value = values.get(key);
        if (value == null) {
            return List.of();
        }
        if (value instanceof List<?> list) {
            return list;
        }
        throw wrong(key, value, "a list");
    }

    /** Returns a list of objects. */
    @SuppressWarnings("unchecked")
    List<Config> objects(String key) {
        List<Config> objects = new ArrayList<>();
        for (Object element : list(key)) {
            if (!(element instanceof Map<?, ?> map)) {
                throw wrong(key, element, "an object in the list");
            }
            objects.add(new Config(place + ": " + key, (Map<String, Object>) map));
        }
        return objects;
    }

    List<String> strings(String key) {
        List<String> strings = new ArrayList<>();
        for (Object element : list(key)) {
            if (!(element instanceof String text)) {
                throw wrong(key, element, "a text in the list");
            }
            strings.add(text);
        }
        return strings;
    }

    int[] integers(String key) {
        return list(key).stream().mapToInt(element -> asInt(key, element)).toArray();
    }

    float[] floats(String key) {
        List<?> list = list(key);
        float[] floats = new float[list.size()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) asDouble(key, list.get(i));
        }
        return floats;
    }

    private Object require(String key) {
        Object value = values.get(key);
        if (value == null) {
            throw new GgufFormatException(place + ": lacks '" + key + "', which this kind of model needs");
        }
        return value;
    }

    GgufFormatException wrong(String key, Object value, String wanted) {
        return new GgufFormatException(place + ": '" + key + "' is " + value + "; wanted " + wanted);
    }
}
