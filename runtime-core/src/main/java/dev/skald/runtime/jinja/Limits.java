package dev.skald.runtime.jinja;

/**
 * What one rendering may cost.
 *
 * @param steps expressions evaluated, elements visited, and text scanned, {@link Budget#CHARACTERS_PER_STEP} characters
 *     a step
 * @param characters length of all text made on the way, the output included
 * @param depth how deep expressions, blocks, macros and values may be nested in each other
 */
public record Limits(long steps, long characters, int depth) {
    /**
     * Hundreds of times what the longest real conversations need, and yet no more than a second or two and 0.2 GB. The depth
     * fits into a stack of 512 KB.
     */
    public static final Limits DEFAULT = new Limits(10_000_000, 64 << 20, 500);

    /** The longest template that is compiled, in characters; the longest known has 20 thousand. */
    static final int SOURCE = 1 << 20;

    /** How deep blocks and expressions may be nested in the source. */
    static final int NESTING = 100;

    /** The longest {@code range}, as in jinja2's sandbox. */
    static final int RANGE = 100_000;

    /** The largest integer, in bits; the digits of a number in text are limited accordingly, as in Python. */
    static final int INTEGER_BITS = 14_285;

    static final int INTEGER_DIGITS = 4_300;
}
