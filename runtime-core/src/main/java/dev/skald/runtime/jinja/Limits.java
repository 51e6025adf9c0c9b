package dev.skald.runtime.jinja;

/**
 * The limits of one rendering.
 *
 * @param steps the number of expressions evaluated and elements visited; scanning {@link Budget#CHARACTERS_PER_STEP}
 *     characters of text counts as one step
 * @param characters the total length of all text created, including the output
 * @param depth the maximum nesting of expressions, blocks, macros and values
 */
public record Limits(long steps, long characters, int depth) {
    /**
     * The default limits. They allow hundreds of times the work that the longest real conversations need, but at most
     * one or two seconds and 0.2 GB. The depth fits into a stack of 512 KB.
     */
    public static final Limits DEFAULT = new Limits(10_000_000, 64 << 20, 500);

    /** The maximum length of a template, in characters. The longest known template has 20 thousand. */
    static final int SOURCE = 1 << 20;

    /** The maximum nesting of blocks and expressions in the source. */
    static final int NESTING = 100;

    /** The maximum length of a {@code range}, as in jinja2's sandbox. */
    static final int RANGE = 100_000;

    /**
     * The maximum size of an integer, in bits. The digits of a number in text are limited accordingly, as in Python.
     */
    static final int INTEGER_BITS = 14_285;

    static final int INTEGER_DIGITS = 4_300;
}
