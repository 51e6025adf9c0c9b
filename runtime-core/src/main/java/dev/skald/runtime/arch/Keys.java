package dev.skald.runtime.arch;

import dev.skald.gguf.GgufFile;
import dev.skald.gguf.GgufFormatException;
import dev.skald.gguf.GgufMetadata;
import dev.skald.gguf.GgufValueType;
import dev.skald.runtime.error.UnsupportedModelException;

/**
 * The keys of an architecture in a file's metadata, each checked for its range: no shape or factor reaches the
 * computation that could not be a model's.
 *
 * @param prefix what the keys begin with, such as {@code llama.}
 */
record Keys(GgufFile file, String prefix) {
    private GgufMetadata meta() {
        return file.metadata();
    }

    boolean has(String key) {
        return meta().contains(prefix + key);
    }

    /** A whole number from 1 on. */
    int count(String key, int max) {
        return atLeast(1, key, meta().getLong(prefix + key), max);
    }

    int count(String key, int max, int fallback) {
        return has(key) ? count(key, max) : fallback;
    }

    /** A whole number that is 0 or missing when it does not apply. */
    int countOrZero(String key, int max) {
        return atLeast(0, key, meta().getLong(prefix + key, 0), max);
    }

    private int atLeast(int min, String key, long value, int max) {
        if (value < min || value > max) {
            throw bad(key, value + " is not between " + min + " and " + max);
        }
        return (int) value;
    }

    /** Files may give one number, or one for each layer; Skald wants them to be the same. */
    int sameForAllLayers(String key, int layers, int max) {
        if (meta().type(prefix + key) != GgufValueType.ARRAY) {
            return count(key, max);
        }
        int[] values = meta().getInts(prefix + key);
        if (values.length != layers) {
            throw bad(key, values.length + " values for " + layers + " layers");
        }
        for (int value : values) {
            if (value != values[0]) {
                throw unsupported(
                        key,
                        "differs between layers (" + values[0] + ", " + value
                                + "), and Skald runs models whose layers are alike: use another model");
            }
        }
        return atLeast(1, key, values[0], max);
    }

    int sameForAllLayers(String key, int layers, int max, int fallback) {
        return has(key) ? sameForAllLayers(key, layers, max) : fallback;
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

    String text(String key, String fallback) {
        return meta().getString(prefix + key, fallback);
    }

    boolean flag(String key, boolean fallback) {
        return meta().getBoolean(prefix + key, fallback);
    }

    GgufFormatException bad(String key, String what) {
        return new GgufFormatException(file.path() + ": " + prefix + key + ": " + what);
    }

    UnsupportedModelException unsupported(String key, String what) {
        return new UnsupportedModelException(file.path() + ": " + prefix + key + " " + what);
    }
}
