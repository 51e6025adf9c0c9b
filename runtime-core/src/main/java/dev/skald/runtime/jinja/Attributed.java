package dev.skald.runtime.jinja;

/** A value with attributes of its own, such as {@code loop}. */
interface Attributed {
    /** Returns an attribute, or {@link Undefined} if no attribute has this name. */
    Object attribute(String name, Interpreter in);
}
