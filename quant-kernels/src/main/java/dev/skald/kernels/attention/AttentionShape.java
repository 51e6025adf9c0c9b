package dev.skald.kernels.attention;

/**
 * The shape of a layer's attention.
 *
 * @param heads query heads, a multiple of the KV heads
 * @param kvHeads KV heads, each shared by the same number of consecutive query heads
 * @param keySize the number of values in a key
 * @param valueSize the number of values in a value vector
 * @param window if causal, how many positions a row sees, including its own; otherwise it sees positions up to half
 *     that distance. {@link Integer#MAX_VALUE} for all
 * @param softcap limits scores to softcap x tanh(score / softcap) (Gemma 2); 0 for no limit
 * @param sinks for each query head, a score without a value that takes part in the softmax (gpt-oss); null for none
 * @param slopes for each query head, the amount by which a score decreases for each position between query and key
 *     (Press, Smith and Lewis, "Train Short, Test Long", 2021); null for nothing
 * @param causal whether a row sees no later positions; otherwise it sees all rows of its sequence that are computed
 *     with it
 */
public record AttentionShape(
        int heads,
        int kvHeads,
        int keySize,
        int valueSize,
        int window,
        float softcap,
        float[] sinks,
        float[] slopes,
        boolean causal) {
    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if one is out of range
     */
    public AttentionShape {
        if (kvHeads < 1 || heads < kvHeads || heads % kvHeads > 0 || keySize < 1 || valueSize < 1 || window < 1) {
            throw new IllegalArgumentException("attention of " + heads + " heads with " + kvHeads + " KV heads, sizes "
                    + keySize + " and " + valueSize + ", window " + window);
        }
        if (!(softcap >= 0 && softcap < Float.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("attention scores held within " + softcap);
        }
        if (sinks != null && sinks.length != heads) {
            throw new IllegalArgumentException(sinks.length + " sinks for " + heads + " heads");
        }
        if (slopes != null && slopes.length != heads) {
            throw new IllegalArgumentException(slopes.length + " slopes for " + heads + " heads");
        }
    }

    /**
     * Returns a shape for causal attention without softcap, sinks and slopes.
     *
     * @param heads query heads
     * @param kvHeads KV heads
     * @param keySize the number of values in a key
     * @param valueSize the number of values in a value vector
     * @param window how many positions a row sees
     * @return the shape
     */
    public static AttentionShape causal(int heads, int kvHeads, int keySize, int valueSize, int window) {
        return new AttentionShape(heads, kvHeads, keySize, valueSize, window, 0, null, null, true);
    }

    /** Returns the number of query heads that share a KV head. */
    int group() {
        return heads / kvHeads;
    }

    /** Returns how many positions before its own a row sees. */
    int before() {
        return causal ? window - 1 : window / 2;
    }

    /** Returns how many positions after its own a row can see. */
    int after() {
        return causal ? 0 : window / 2;
    }
}
