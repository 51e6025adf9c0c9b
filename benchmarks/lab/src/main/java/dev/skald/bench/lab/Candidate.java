package dev.skald.bench.lab;

import dev.skald.runtime.quantize.Mixture;
import java.util.Locale;

/**
 * A type that the lab compares.
 *
 * @param mixture the mixture
 * @param pure whether every matrix gets the mixture's base type
 */
public record Candidate(Mixture mixture, boolean pure) {
    private static final String PURE = ":PURE";

    /**
     * Returns the candidate of a name.
     *
     * @param name a mixture's name in any case, such as {@code Q4_K_M}; followed by {@code :pure} for one type for all
     *     matrices
     * @return the candidate
     * @throws IllegalArgumentException if there is no such mixture
     */
    public static Candidate named(String name) {
        String upper = name.toUpperCase(Locale.ROOT);
        return upper.endsWith(PURE)
                ? new Candidate(Mixture.named(upper.substring(0, upper.length() - PURE.length())), true)
                : new Candidate(Mixture.named(upper), false);
    }

    /**
     * Returns the name in tables and file names.
     *
     * @return such as {@code Q4_K_M} or {@code Q4_0-pure}
     */
    public String name() {
        return mixture + (pure ? "-pure" : "");
    }
}
