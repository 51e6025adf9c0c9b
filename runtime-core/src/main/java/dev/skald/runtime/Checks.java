package dev.skald.runtime;

/** Arguments in range, or an exception that says which is not. */
final class Checks {
    private Checks() {}

    static int range(String name, int value, int min, int max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(name + " must be " + min + " to " + max + ", not " + value);
        }
        return value;
    }
}
