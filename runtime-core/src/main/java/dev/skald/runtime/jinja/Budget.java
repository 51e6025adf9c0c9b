package dev.skald.runtime.jinja;

/**
 * The steps and characters that one rendering has left. Loops, recursion and new text are charged before they happen.
 */
final class Budget {
    /** The number of characters that a search or a comparison may read for the price of one step. */
    static final int CHARACTERS_PER_STEP = 64;

    private final Limits limits;
    private long steps;
    private long characters;
    private int depth;

    Budget(Limits limits) {
        this.limits = limits;
    }

    void step() {
        spend(1);
    }

    void spend(long count) {
        steps += count;
        if (steps > limits.steps()) {
            throw TemplateError.limit("the template takes more than " + limits.steps() + " steps");
        }
    }

    /** Charges for reading text. */
    void scan(long length) {
        spend(length / CHARACTERS_PER_STEP);
    }

    /** Charges for a search. In the worst case it compares the pattern at every position. */
    void search(String text, String pattern) {
        scan(text.length() + (long) text.length() * pattern.length() / 4);
    }

    /** Charges for text that is about to be created. */
    void text(long length) {
        characters += length;
        if (length > limits.characters() || characters > limits.characters()) {
            throw TemplateError.limit("the template makes more than " + limits.characters() + " characters of text");
        }
    }

    void enter() {
        if (++depth > limits.depth()) {
            throw TemplateError.limit("the template is nested more than " + limits.depth() + " deep");
        }
    }

    void leave() {
        depth--;
    }
}
