package dev.skald.runtime;

import dev.skald.gguf.GgmlType;

/** Arguments in range, or an exception that says which is not. */
final class Checks {
    private Checks() {}

    static int range(String name, int value, int min, int max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(name + " must be " + min + " to " + max + ", not " + value);
        }
        return value;
    }

    static GgmlType cacheType(GgmlType type) {
        if (type != GgmlType.F16 && type != GgmlType.F32) {
            throw new IllegalArgumentException("cacheType must be F16 or F32, not " + type);
        }
        return type;
    }

    static GgmlType exactCache(boolean exact, GgmlType type) {
        if (exact && type != GgmlType.F32) {
            throw new IllegalArgumentException("an exact model with a cache of " + type
                    + ", which rounds keys and values: leave the cache at F32, or open the model without exact(true)");
        }
        return type;
    }
}
