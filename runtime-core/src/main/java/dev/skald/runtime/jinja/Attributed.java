package dev.skald.runtime.jinja;

/** A value with attributes of its own, such as {@code loop}. */
interface Attributed {
    /** An attribute, or {@link Undefined} if there is none of this name. */
    Object attribute(String name, Interpreter in);
}
