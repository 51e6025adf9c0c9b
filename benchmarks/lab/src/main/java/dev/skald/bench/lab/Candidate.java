package dev.skald.bench.lab;

import dev.skald.runtime.quantize.Mixture;
import java.util.Locale;

/**
 * What a model is quantized to in the lab.
 *
 * @param mixture the mixture
 * @param pure whether every matrix gets its base type
 */
public record Candidate(Mixture mixture, boolean pure) {
    private static final String PURE = ":PURE";

    /**
     * The candidate with a name.
     *
     * @param name a mixture's name in any case, such as {@code Q4_K_M}; with {@code :pure} behind it for one type throughout
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
     * The name in tables and of files.
     *
     * @return such as {@code Q4_K_M} or {@code Q4_0-pure}
     */
    public String name() {
        return mixture + (pure ? "-pure" : "");
    }
}
