package dev.skald.runtime.jinja;

/** What is left for one rendering; whoever loops, recurses or makes text pays here first. */
final class Budget {
    /** Searching and comparing text is this much cheaper than evaluating. */
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

    /** Pays for looking through text. */
    void scan(long length) {
        spend(length / CHARACTERS_PER_STEP);
    }

    /** Pays for a search, which at worst compares the pattern at every place. */
    void search(String text, String pattern) {
        scan(text.length() + (long) text.length() * pattern.length() / 4);
    }

    /** Pays for text that is about to be made. */
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
