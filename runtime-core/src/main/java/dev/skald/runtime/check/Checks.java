package dev.skald.runtime.check;

import dev.skald.kernels.format.KvFormat;

/** Arguments in range, or an exception that says which is not. */
public final class Checks {
    private Checks() {}

    public static int range(String name, int value, int min, int max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(name + " must be " + min + " to " + max + ", not " + value);
        }
        return value;
    }

    public static KvFormat exactCache(boolean exact, KvFormat format) {
        if (exact && !format.exact()) {
            throw new IllegalArgumentException("an exact model with a cache of " + format
                    + ", which rounds keys and values: leave the cache at F32, or open the model without exact(true)");
        }
        return format;
    }

    public static float unit(String name, float value) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException(name + "=" + value + " is not in [0, 1]");
        }
        return value;
    }

    public static float positive(String name, float value) {
        if (!(value > 0 && value <= Float.MAX_VALUE)) {
            throw new IllegalArgumentException(name + "=" + value + " is not a finite number above 0");
        }
        return value;
    }

    public static float finite(String name, float value) {
        if (!Float.isFinite(value)) {
            throw new IllegalArgumentException(name + "=" + value + " is not a finite number");
        }
        return value;
    }
}
