package dev.skald.runtime.arch;

import java.util.function.Function;

/**
 * How files of one {@code general.architecture} become a network.
 *
 * @param name the value of {@code general.architecture}
 * @param read reads keys and weights, and makes what computes
 */
record Architecture(String name, Function<Reader, Forward> read) {}
