package dev.skald.runtime.arch;

import java.util.function.Function;

/**
 * Builds a network from files of one {@code general.architecture}.
 *
 * @param name the value of {@code general.architecture}
 * @param read reads keys and weights, and returns the forward pass
 * @param wantsVectors whether it computes much, besides products and attention, for which there is no machine code
 */
record Architecture(String name, Function<Reader, Forward> read, boolean wantsVectors) {
    /** One whose work is products, attention, SwiGLU and norms. */
    Architecture(String name, Function<Reader, Forward> read) {
        this(name, read, false);
    }

    /** One that computes another activation function or recurrent layers too. */
    static Architecture onVectors(String name, Function<Reader, Forward> read) {
        return new Architecture(name, read, true);
    }
}
