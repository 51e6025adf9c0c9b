package dev.skald.runtime.grammar;

/** How much freedom JSON has beside what its schema says. */
public enum JsonStyle {
    /**
     * All that a validator takes, but for a few spellings: keys in any order, further keys unless the schema forbids them,
     * spaces and line ends as people and programs lay JSON out.
     */
    FREE,
    /**
     * Keys in the schema's order, no further ones unless the schema speaks of them, no spaces. Much of such a text is forced, which
     * saves a model's work, and small models are led best by it.
     */
    COMPACT
}
