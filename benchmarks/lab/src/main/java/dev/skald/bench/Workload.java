package dev.skald.bench;

/**
 * What is timed: a prompt that is read at once, or tokens that are generated one by one in one or several sequences together,
 * in each case after a number of earlier tokens.
 *
 * @param kind a prompt or generation
 * @param tokens how many in each sequence, at least 1
 * @param depth how many earlier tokens each sequence has, at least 0
 * @param sequences how many, at least 1; 1 for a prompt
 */
public record Workload(Kind kind, int tokens, int depth, int sequences) {
    /** The two kinds. */
    public enum Kind {
        PROMPT,
        GENERATION
    }

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if one is out of range
     */
    public Workload {
        if (tokens < 1 || depth < 0 || sequences < 1 || kind == Kind.PROMPT && sequences > 1) {
            throw new IllegalArgumentException(
                    kind + " of " + tokens + " tokens at depth " + depth + " in " + sequences + " sequences");
        }
    }

    public static Workload prompt(int tokens, int depth) {
        return new Workload(Kind.PROMPT, tokens, depth, 1);
    }

    public static Workload generation(int tokens, int depth, int sequences) {
        return new Workload(Kind.GENERATION, tokens, depth, sequences);
    }

    /**
     * Returns the name in tables, as in llama-bench.
     *
     * @return such as {@code pp512}, {@code tg128 @ d4096} or {@code tg128 x 8}
     */
    public String name() {
        return (kind == Kind.PROMPT ? "pp" : "tg")
                + tokens
                + (sequences > 1 ? " x " + sequences : "")
                + (depth > 0 ? " @ d" + depth : "");
    }

    /** Positions that a sequence needs. */
    int contextLength() {
        return Math.addExact(depth, tokens);
    }

    /** Tokens in all sequences together. */
    long totalTokens() {
        return (long) tokens * sequences;
    }
}
