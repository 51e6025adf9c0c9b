package dev.skald.runtime.grammar;

/** The amount of freedom that JSON has within its schema. */
public enum JsonStyle {
    /**
     * Everything that a validator accepts, except for a few spellings: keys in any order, additional keys unless the
     * schema forbids them, and spaces and line breaks in common layouts.
     */
    FREE,
    /**
     * Keys in the schema's order, no additional keys unless the schema mentions them, no spaces. Much of such a text is
     * determined by the schema, which saves work and guides small models best.
     */
    COMPACT
}
