package dev.skald.runtime.convert;

import dev.skald.gguf.GgufValueType;
import dev.skald.gguf.GgufWriter;
import dev.skald.runtime.convert.OriginalModel.Key;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The keys of the new file, in order. A key that is set again keeps its place. As in gguf-py, setting a key to an empty
 * text or list has no effect. A name that begins with a dot is prefixed with the architecture.
 */
final class Keys {
    private final String architecture;
    private final Map<String, Key> keys = new LinkedHashMap<>();

    Keys(String architecture) {
        this.architecture = architecture;
    }

    List<Key> all() {
        return List.copyOf(keys.values());
    }

    private String full(String name) {
        return name.startsWith(".") ? architecture + name : name;
    }

    private void put(String name, GgufValueType type, Object value) {
        keys.put(full(name), new Key(full(name), type, value));
    }

    void uint32(String name, long value) {
        if (value < 0 || value > 0xFFFF_FFFFL) {
            throw new IllegalArgumentException("the key " + full(name) + " would be " + value);
        }
        put(name, GgufValueType.UINT32, value);
    }

    void int32(String name, int value) {
        put(name, GgufValueType.INT32, value);
    }

    void float32(String name, double value) {
        put(name, GgufValueType.FLOAT32, (float) value);
    }

    void flag(String name, boolean value) {
        put(name, GgufValueType.BOOL, value);
    }

    void text(String name, String value) {
        if (!value.isEmpty()) {
            put(name, GgufValueType.STRING, value);
        }
    }

    void texts(String name, List<String> values) {
        if (!values.isEmpty()) {
            put(name, GgufValueType.ARRAY, List.copyOf(values));
        }
    }

    void integers(String name, int[] values) {
        if (values.length > 0) {
            put(name, GgufValueType.ARRAY, values);
        }
    }

    void floats(String name, float[] values) {
        if (values.length > 0) {
            put(name, GgufValueType.ARRAY, values);
        }
    }

    void flags(String name, boolean[] values) {
        if (values.length > 0) {
            put(name, GgufValueType.ARRAY, values);
        }
    }

    void bytes(String name, List<Integer> values) {
        if (!values.isEmpty()) {
            put(name, GgufValueType.ARRAY, new GgufWriter.Elements(GgufValueType.UINT8, values));
        }
    }
}
