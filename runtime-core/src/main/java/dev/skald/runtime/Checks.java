package dev.skald.runtime;

import dev.skald.kernels.KvFormat;

/** Arguments in range, or an exception that says which is not. */
final class Checks {
    private Checks() {}

    static int range(String name, int value, int min, int max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(name + " must be " + min + " to " + max + ", not " + value);
        }
        return value;
    }

    static KvFormat exactCache(boolean exact, KvFormat format) {
        if (exact && !format.exact()) {
            throw new IllegalArgumentException("an exact model with a cache of " + format
                    + ", which rounds keys and values: leave the cache at F32, or open the model without exact(true)");
        }
        return format;
    }
}
