package dev.skald.runtime.arch;

import dev.skald.gguf.GgufArray;
import dev.skald.gguf.GgufFile;
import dev.skald.gguf.GgufFormatException;
import dev.skald.gguf.GgufMetadata;
import dev.skald.gguf.GgufValueType;
import dev.skald.runtime.error.UnsupportedModelException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * An architecture's keys in the metadata of a file. Each value is checked for its range, so no impossible shape or factor
 * reaches the computation.
 */
final class Keys {
    private static final Set<Long> UNSET = Set.of(-1L, 0xFFFFFFFFL);

    private final GgufFile file;
    private final String prefix;

    /** Counts that replace the file's. */
    private final Map<String, Integer> instead;

    /** The values from which tensor shapes follow, in the order in which they were read. */
    private final Map<String, Integer> counts = new LinkedHashMap<>();

    /** Creates the keys of a file that begin with a prefix such as {@code llama.}. */
    Keys(GgufFile file, String prefix) {
        this(file, prefix, Map.of());
    }

    private Keys(GgufFile file, String prefix, Map<String, Integer> instead) {
        this.file = file;
        this.prefix = prefix;
        this.instead = instead;
    }

    /** Returns the same keys with other values for some counts. */
    Keys with(Map<String, Integer> others) {
        return new Keys(file, prefix, others);
    }

    GgufFile file() {
        return file;
    }

    String prefix() {
        return prefix;
    }

    /** Describes the counts that have been read. */
    String counts() {
        return counts.entrySet().stream()
                .map(count -> count.getKey() + "=" + count.getValue())
                .collect(Collectors.joining(" "));
    }

    private GgufMetadata meta() {
        return file.metadata();
    }

    boolean has(String key) {
        return instead.containsKey(key) || meta().contains(prefix + key);
    }

    /** Returns a whole number of at least 1 from which tensor shapes follow. */
    int count(String key, int max) {
        return counted(key, number(key, max));
    }

    private int counted(String key, int value) {
        counts.put(key, value);
        return value;
    }

    /** Returns a whole number of at least 1. */
    int number(String key, int max) {
        return instead.containsKey(key) ? instead.get(key) : atLeast(1, key, meta().getLong(prefix + key), max);
    }

    /** Returns a whole number of at least 1; the first if a file has one for each layer. */
    int first(String key, int max) {
        if (meta().type(prefix + key) != GgufValueType.ARRAY) {
            return number(key, max);
        }
        int[] values = meta().getInts(prefix + key);
        return atLeast(1, key, values.length == 0 ? 0 : values[0], max);
    }

    int number(String key, int max, int fallback) {
        return has(key) && !isUnset(key) ? number(key, max) : fallback;
    }

    int count(String key, int max, int fallback) {
        return counted(key, number(key, max, fallback));
    }

    /** Returns a whole number that is 0 or missing if it does not apply. */
    int numberOrZero(String key, int max) {
        if (instead.containsKey(key)) {
            return instead.get(key);
        }
        return isUnset(key) ? 0 : atLeast(0, key, meta().getLong(prefix + key, 0), max);
    }

    /** Whether a key has -1, which llama.cpp writes for unset values, also as an unsigned number. */
    private boolean isUnset(String key) {
        if (instead.containsKey(key) || !meta().contains(prefix + key)) {
            return false;
        }
        return meta().type(prefix + key).isInteger() && UNSET.contains(meta().getLong(prefix + key));
    }

    private int atLeast(int min, String key, long value, int max) {
        if (value < min || value > max) {
            throw bad(key, value + " is not between " + min + " and " + max);
        }
        return (int) value;
    }

    /** Returns how many values an array has, at least 1. */
    int length(String key, int max, int fallback) {
        return has(key)
                ? counted(key, atLeast(1, key, meta().getStrings(prefix + key).size(), max))
                : fallback;
    }

    /** Returns a number that must be the same for all layers; files may store one number, or one for each layer. */
    int sameForAllLayers(String key, int layers, int max) {
        if (instead.containsKey(key) || meta().type(prefix + key) != GgufValueType.ARRAY) {
            return count(key, max);
        }
        int[] values = meta().getInts(prefix + key);
        if (values.length != layers) {
            throw bad(key, values.length + " values for " + layers + " layers");
        }
        for (int value : values) {
            if (value != values[0]) {
                throw differs(key, values[0], value);
            }
        }
        return counted(key, atLeast(1, key, values[0], max));
    }

    /** Returns such a number when layers without the feature say 0. */
    int sameForLayersWithAny(String key, int layers, int max, int fallback) {
        if (!has(key)) {
            return counted(key, fallback);
        }
        int same = 0;
        for (int value : perLayer(key, layers, max)) {
            if (value != 0 && same != 0 && value != same) {
                throw differs(key, same, value);
            }
            same = Math.max(same, value);
        }
        if (same == 0) {
            throw bad(key, "is 0 in every layer");
        }
        return counted(key, same);
    }

    /** Returns a whole number of at least 0 for each layer; files may store one for all. */
    int[] perLayer(String key, int layers, int max) {
        int[] values = new int[layers];
        if (meta().type(prefix + key) != GgufValueType.ARRAY) {
            Arrays.fill(values, number(key, max));
            return values;
        }
        int[] all = meta().getInts(prefix + key);
        // A network with fewer layers has the first of them.
        if (instead.containsKey("block_count") ? all.length < layers : all.length != layers) {
            throw bad(key, all.length + " values for " + layers + " layers");
        }
        for (int i = 0; i < layers; i++) {
            values[i] = atLeast(0, key, all[i], max);
            if (values[i] > 0 && instead.containsKey(key)) {
                values[i] = instead.get(key);
            }
        }
        return values;
    }

    private UnsupportedModelException differs(String key, int one, int other) {
        return unsupported(
                key,
                "differs between layers (" + one + ", " + other
                        + "), and Skald runs models whose layers are alike: use another model");
    }

    /** Returns a number above 0. */
    float positive(String key, float fallback) {
        float value = meta().getFloat(prefix + key, fallback);
        if (!(value > 0) || value == Float.POSITIVE_INFINITY) {
            throw bad(key, value + " is not a positive number");
        }
        return value;
    }

    /** Returns a number above 0, or 0 if it is 0 or missing. */
    float positiveOrZero(String key) {
        float value = meta().getFloat(prefix + key, 0);
        return value == 0 ? 0 : positive(key, 0);
    }

    /** Returns a number above 0; 1 if it is 0 or missing. */
    float factor(String key) {
        float value = positiveOrZero(key);
        return value > 0 ? value : 1;
    }

    String text(String key, String fallback) {
        return meta().getString(prefix + key, fallback);
    }

    boolean flag(String key, boolean fallback) {
        return meta().getBoolean(prefix + key, fallback);
    }

    boolean isArray(String key) {
        return !instead.containsKey(key)
                && meta().contains(prefix + key)
                && meta().type(prefix + key) == GgufValueType.ARRAY;
    }

    /**
     * Returns a truth value for each layer, which files may store as numbers. A network with fewer layers has the first of
     * them.
     */
    boolean[] flags(String key, int layers) {
        GgufArray array = meta().getArray(prefix + key);
        if (array.size() < layers || !instead.containsKey("block_count") && array.size() != layers) {
            throw bad(key, array.size() + " values for " + layers + " layers");
        }
        boolean[] flags = new boolean[layers];
        for (int i = 0; i < layers; i++) {
            flags[i] = switch (array.get(i)) {
                case Boolean flag -> flag;
                case Long number -> number != 0;
                default -> throw bad(key, "wanted a truth value for each layer, found " + array);
            };
        }
        return flags;
    }

    GgufFormatException bad(String key, String what) {
        return new GgufFormatException(file.path() + ": " + prefix + key + ": " + what);
    }

    UnsupportedModelException unsupported(String key, String what) {
        return new UnsupportedModelException(file.path() + ": " + prefix + key + " " + what);
    }
}
