package dev.skald.runtime.arch;

import java.util.function.Function;

/**
 * Builds a network from files of one {@code general.architecture}.
 *
 * @param name the value of {@code general.architecture}
 * @param read reads keys and weights, and returns the forward pass
 */
record Architecture(String name, Function<Reader, Forward> read) {}
