package dev.skald.runtime.sampling;

/** Checks of settings; each message has the name, the value and the range. */
final class Ranges {
    private Ranges() {}

    static float unit(String name, float value) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException(name + "=" + value + " is not in [0, 1]");
        }
        return value;
    }

    static float positive(String name, float value) {
        if (!(value > 0 && value <= Float.MAX_VALUE)) {
            throw new IllegalArgumentException(name + "=" + value + " is not a finite number above 0");
        }
        return value;
    }

    static float finite(String name, float value) {
        if (!Float.isFinite(value)) {
            throw new IllegalArgumentException(name + "=" + value + " is not a finite number");
        }
        return value;
    }
}
