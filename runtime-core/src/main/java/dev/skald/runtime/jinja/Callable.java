package dev.skald.runtime.jinja;

/** A value that can be called: a macro, a function, a method of a value. */
interface Callable {
    Object call(Arguments arguments, Interpreter in);
}
