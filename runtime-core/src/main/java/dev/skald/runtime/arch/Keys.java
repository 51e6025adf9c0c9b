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
 * The keys of an architecture in a file's metadata, each checked for its range: no shape or factor reaches the
 * computation that could not be a model's.
 */
final class Keys {
    private static final Set<Long> UNSET = Set.of(-1L, 0xFFFFFFFFL);

    private final GgufFile file;
    private final String prefix;

    /** Counts that are answered for the file's. */
    private final Map<String, Integer> instead;

    /** What tensors' shapes follow from, in the order in which it was asked for. */
    private final Map<String, Integer> counts = new LinkedHashMap<>();

    /** Those of a file, which begin with a prefix such as {@code llama.}. */
    Keys(GgufFile file, String prefix) {
        this(file, prefix, Map.of());
    }

    private Keys(GgufFile file, String prefix, Map<String, Integer> instead) {
        this.file = file;
        this.prefix = prefix;
        this.instead = instead;
    }

    /** The same keys, except for some counts. */
    Keys with(Map<String, Integer> others) {
        return new Keys(file, prefix, others);
    }

    GgufFile file() {
        return file;
    }

    String prefix() {
        return prefix;
    }

    /** The counts that were asked for, for people. */
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

    /** A whole number from 1 on, which the shapes of tensors follow from. */
    int count(String key, int max) {
        return counted(key, number(key, max));
    }

    private int counted(String key, int value) {
        counts.put(key, value);
        return value;
    }

    /** A whole number from 1 on. */
    int number(String key, int max) {
        return instead.containsKey(key) ? instead.get(key) : atLeast(1, key, meta().getLong(prefix + key), max);
    }

    /** A whole number from 1 on, or the first where a file gives one for each layer. */
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

    /** A whole number that is 0 or missing when it does not apply. */
    int numberOrZero(String key, int max) {
        if (instead.containsKey(key)) {
            return instead.get(key);
        }
        return isUnset(key) ? 0 : atLeast(0, key, meta().getLong(prefix + key, 0), max);
    }

    /** Whether a key has the number that llama.cpp writes for what is not set: -1, as an unsigned number too. */
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

    /** How many values an array has, from 1 on. */
    int length(String key, int max, int fallback) {
        return has(key)
                ? counted(key, atLeast(1, key, meta().getStrings(prefix + key).size(), max))
                : fallback;
    }

    /** Files may give one number, or one for each layer; here they have to be the same. */
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

    /** The same, where some layers may have none of it, and then say 0. */
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

    /** A whole number from 0 on for each layer; files may give one for all. */
    int[] perLayer(String key, int layers, int max) {
        int[] values = new int[layers];
        if (meta().type(prefix + key) != GgufValueType.ARRAY) {
            Arrays.fill(values, number(key, max));
            return values;
        }
        int[] all = meta().getInts(prefix + key);
        // Who has fewer layers has the first of them.
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

    int sameForAllLayers(String key, int layers, int max, int fallback) {
        return has(key) ? sameForAllLayers(key, layers, max) : counted(key, fallback);
    }

    private UnsupportedModelException differs(String key, int one, int other) {
        return unsupported(
                key,
                "differs between layers (" + one + ", " + other
                        + "), and Skald runs models whose layers are alike: use another model");
    }

    /** A number above 0. */
    float positive(String key, float fallback) {
        float value = meta().getFloat(prefix + key, fallback);
        if (!(value > 0) || value == Float.POSITIVE_INFINITY) {
            throw bad(key, value + " is not a positive number");
        }
        return value;
    }

    /** A number above 0 that is 0 or missing when it does not apply. */
    float positiveOrZero(String key) {
        float value = meta().getFloat(prefix + key, 0);
        return value == 0 ? 0 : positive(key, 0);
    }

    /** A number above 0 that is 1 when it is 0 or missing. */
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

    /** A truth value for each layer, or as numbers of which 0 is false; a small network of a file's has fewer layers. */
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
