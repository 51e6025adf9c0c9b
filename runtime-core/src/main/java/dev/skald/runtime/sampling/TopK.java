package dev.skald.runtime.sampling;

/**
 * Keeps the k most probable tokens (Fan et al. 2018, "Hierarchical Neural Story Generation").
 *
 * @param k how many tokens stay, at least 1
 */
public record TopK(int k) implements SamplerStep {
    /**
     * Checks k.
     *
     * @throws IllegalArgumentException if k is less than 1
     */
    public TopK {
        if (k < 1) {
            throw new IllegalArgumentException("k=" + k + ": top-k keeps at least 1 token");
        }
    }

    @Override
    public void apply(Candidates candidates, TokenHistory history) {
        candidates.keepBest(k);
    }
}
