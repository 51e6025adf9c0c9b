package dev.skald.runtime.sampling;

/**
 * Don't repeat yourself (p-e-w 2024, text-generation-webui pull request 5677): where the newest tokens have come before in
 * the same order, the token that followed them then becomes less probable, the more so the longer the repetition:
 *
 * <pre>{@code
 * logit = logit - multiplier * base^(length - allowedLength)
 * }</pre>
 *
 * <p>with the longest length, of {@code allowedLength} or more, that a token would continue. A repetition does not reach
 * across a breaker, and a token that is one is not punished. Belongs to one sampler, for its working memory.
 */
final class Dry implements SamplerStep {
    /** The natural logarithm of the largest float: a power beyond it would be infinite. */
    private static final double LARGEST = Math.log(Float.MAX_VALUE);

    /** Below this base no power comes near it. */
    private static final float FLAT_BASE = 1.000001f;

    private final float multiplier;
    private final float base;
    private final int allowedLength;
    private final int lastTokens;
    private final Breakers breakers;
    private int[] lengths = {};

    /**
     * A step for one sampler.
     *
     * @param multiplier the punishment of a repetition of the allowed length, in logits
     * @param base 1 or more; how much harder it gets with each token more
     * @param allowedLength how long a repetition is that is punished, 0 or more
     * @param lastTokens how many of the newest tokens count; 0 or less for none
     */
    Dry(float multiplier, float base, int allowedLength, int lastTokens, Breakers breakers) {
        this.multiplier = multiplier;
        this.base = base;
        this.allowedLength = allowedLength;
        this.lastTokens = lastTokens;
        this.breakers = breakers;
    }

    @Override
    public void apply(Candidates candidates, TokenHistory history) {
        int size = Math.min(history.size(), Math.max(0, lastTokens));
        if (size <= allowedLength) {
            return;
        }
        history.checkTokens(history.size() - size, candidates.vocabulary());
        int limit = breakers.tokensAfter(history, size);
        if (limit < allowedLength) {
            return;
        }
        findRepetitions(history, size);
        int[] longest = candidates.zeroCounts();
        try {
            for (int k = 1; k < size; k++) {
                int length = Math.min(lengths[k], limit);
                int next = history.recent(k - 1);
                if (length >= allowedLength) {
                    // One more than the length: 0 is for tokens that continue nothing.
                    longest[next] = Math.max(longest[next], length + 1);
                }
            }
            for (int k = 1; k < size; k++) {
                int token = history.recent(k - 1);
                if (longest[token] > 0 && breakers.isBreaker(token)) {
                    longest[token] = 0;
                }
            }
            candidates.adjust(longest, history, history.size() - size, this, Dry::punished);
        } finally {
            for (int k = 0; k < size; k++) {
                longest[history.recent(k)] = 0;
            }
        }
    }

    /**
     * Finds for each k how many of the newest tokens stand, in the same order, also k tokens earlier: the Z function
     * (Gusfield 1997) of the newest tokens, backwards. Each token is compared about twice.
     */
    private void findRepetitions(TokenHistory history, int size) {
        if (lengths.length < size) {
            lengths = new int[size];
        }
        int begin = 0;
        int end = 0;
        for (int k = 1; k < size; k++) {
            int length = k < end ? Math.min(end - k, lengths[k - begin]) : 0;
            while (k + length < size && history.recent(length) == history.recent(k + length)) {
                length++;
            }
            lengths[k] = length;
            if (k + length > end) {
                begin = k;
                end = k + length;
            }
        }
    }

    private float punished(float logit, int longestPlusOne) {
        int exponent = longestPlusOne - 1 - allowedLength;
        if (base > FLAT_BASE) {
            int highest = (int) (LARGEST / Math.log(base));
            exponent = highest > 0 ? Math.min(exponent, highest) : exponent;
        }
        return logit - (float) (multiplier * Math.pow(base, exponent));
    }

    @Override
    public String toString() {
        return "Dry[multiplier=" + multiplier + ", base=" + base + ", allowedLength=" + allowedLength + ", lastTokens="
                + lastTokens + "]";
    }
}
