package dev.skald.runtime.sampling;

/**
 * Reads the logits that a model gives to the tokens of its vocabulary, and checks each: it is finite, or negative infinity for a
 * token that can't come, and at least one token can come. Allowed tokens are a set of bits, token {@code id} in bit
 * {@code id % 64} of word {@code id / 64}.
 */
final class Logits {
    /** Of more than one token in so many all are looked at, and not only the allowed ones. */
    private static final int MOSTLY = 8;

    private Logits() {}

    /** Returns the id of the highest logit, the lowest id if there are several: greedy sampling in one pass. */
    static int highest(float[] logits) {
        int best = 0;
        float highest = Float.NEGATIVE_INFINITY;
        for (int id = 0; id < logits.length; id++) {
            float logit = logits[id];
            check(id, logit, logits.length);
            if (logit > highest) {
                highest = logit;
                best = id;
            }
        }
        if (highest == Float.NEGATIVE_INFINITY) {
            throw nothingPossible(logits.length);
        }
        return best;
    }

    /** As {@link #highest(float[])}, among the allowed tokens. Logits that are not higher are not checked. */
    static int highest(float[] logits, long[] allowed) {
        int best = -1;
        float highest = Float.NEGATIVE_INFINITY;
        for (int w = 0; w < allowed.length; w++) {
            long word = allowed[w];
            if (Long.bitCount(word) > Long.SIZE / MOSTLY) {
                // Few logits are higher than all before them, so few bits are looked at.
                int end = Math.min(logits.length, (w + 1) << 6);
                for (int id = w << 6; id < end; id++) {
                    float logit = logits[id];
                    if (!(logit <= highest) && (word >>> id & 1) != 0) {
                        check(id, logit, logits.length);
                        best = id;
                        highest = logit;
                    }
                }
            } else {
                for (; word != 0; word &= word - 1) {
                    int id = (w << 6) + Long.numberOfTrailingZeros(word);
                    float logit = logits[id];
                    if (!(logit <= highest)) {
                        check(id, logit, logits.length);
                        best = id;
                        highest = logit;
                    }
                }
            }
        }
        if (best < 0) {
            throw nothingAllowed(logits.length, allowed);
        }
        return best;
    }

    /** Writes the keys of all tokens, by id. */
    static void keys(float[] logits, long[] keys) {
        int n = logits.length;
        boolean possible = false;
        for (int id = 0; id < n; id++) {
            float logit = logits[id];
            check(id, logit, n);
            possible |= logit != Float.NEGATIVE_INFINITY;
            keys[id] = CandidateKey.of(id, logit);
        }
        if (!possible) {
            throw nothingPossible(n);
        }
    }

    /** Writes the keys of the most probable tokens in their order, and no others; {@code count} is at least 1. */
    static void bestKeys(float[] logits, int count, long[] keys) {
        int n = logits.length;
        for (int id = 0; id < count; id++) {
            check(id, logits[id], n);
            keys[id] = CandidateKey.of(id, logits[id]);
        }
        Selection.heapify(keys, count);
        float worst = CandidateKey.logit(keys[0]);
        for (int id = count; id < n; id++) {
            float logit = logits[id];
            // Of equal logits the lower ids win, and they came first. NaN is not lower either.
            if (!(logit <= worst)) {
                check(id, logit, n);
                Selection.replaceLargest(keys, count, CandidateKey.of(id, logit));
                worst = CandidateKey.logit(keys[0]);
            }
        }
        Selection.sortHeap(keys, count);
        if (CandidateKey.logit(keys[0]) == Float.NEGATIVE_INFINITY) {
            throw nothingPossible(n);
        }
    }

    /** Returns whether so many tokens are allowed that {@link #keysOrImpossible} is better than {@link #allowedKeys}. */
    static boolean isMostlyAllowed(float[] logits, long[] allowed) {
        return count(allowed) > logits.length / MOSTLY;
    }

    /** Writes the keys of the allowed tokens, in the order of ids; returns how many they are. */
    static int allowedKeys(float[] logits, long[] allowed, long[] keys) {
        boolean possible = false;
        int kept = 0;
        for (int w = 0; w < allowed.length; w++) {
            for (long word = allowed[w]; word != 0; word &= word - 1) {
                int id = (w << 6) + Long.numberOfTrailingZeros(word);
                float logit = logits[id];
                check(id, logit, logits.length);
                possible |= logit != Float.NEGATIVE_INFINITY;
                keys[kept++] = CandidateKey.of(id, logit);
            }
        }
        if (!possible) {
            throw nothingAllowed(logits.length, allowed);
        }
        return kept;
    }

    /** Writes the keys of all tokens, by id; those that are not allowed can't come. */
    static void keysOrImpossible(float[] logits, long[] allowed, long[] keys) {
        keys(logits, keys);
        forbidOthers(logits.length, allowed, keys);
        if (!isAnyPossible(allowed, keys)) {
            throw nothingAllowed(logits.length, allowed);
        }
    }

    /** Makes the tokens that are not allowed impossible: 64 at a time are looked at, and only they are touched. */
    private static void forbidOthers(int n, long[] allowed, long[] keys) {
        for (int first = 0; first < n; first += Long.SIZE) {
            // A model may have more logits than its tokenizer has tokens.
            long others = first >> 6 < allowed.length ? ~allowed[first >> 6] : -1;
            if (n - first < Long.SIZE) {
                others &= (1L << n - first) - 1;
            }
            for (; others != 0; others &= others - 1) {
                int id = first + Long.numberOfTrailingZeros(others);
                keys[id] = CandidateKey.impossible(id);
            }
        }
    }

    private static boolean isAnyPossible(long[] allowed, long[] keys) {
        for (int w = 0; w < allowed.length; w++) {
            for (long word = allowed[w]; word != 0; word &= word - 1) {
                int id = (w << 6) + Long.numberOfTrailingZeros(word);
                if (keys[id] != CandidateKey.impossible(id)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static int count(long[] allowed) {
        int count = 0;
        for (long word : allowed) {
            count += Long.bitCount(word);
        }
        return count;
    }

    /**
     * Checks the logit of a token.
     *
     * @throws IllegalArgumentException if it is NaN or positive infinity
     */
    static void check(int id, float logit, int vocabulary) {
        if (!(logit < Float.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("the logit of token " + id + " of " + vocabulary + " is " + logit
                    + ": a logit is finite, or -Infinity for a token that cannot come. If it is the model's own, its"
                    + " file is damaged: download it again");
        }
    }

    private static IllegalArgumentException nothingAllowed(int vocabulary, long[] allowed) {
        int count = count(allowed);
        return new IllegalArgumentException("no token is possible: of " + vocabulary + " tokens the constraint allows "
                + count + (count == 0 ? "" : ", whose logits are all -Infinity"));
    }

    private static IllegalArgumentException nothingPossible(int vocabulary) {
        return new IllegalArgumentException(
                vocabulary == 0
                        ? "there are no logits: the vocabulary has 0 tokens"
                        : "no token is possible: the logits of tokens 0 to " + (vocabulary - 1) + " are all -Infinity");
    }
}
