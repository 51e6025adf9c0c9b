package dev.skald.runtime.sampling;

/**
 * Keeps the surprise of a text, -log2 p on average, near a target (Basu et al. 2021, "Mirostat: A Neural Text Decoding
 * Algorithm that Directly Controls Perplexity"): a limit mu says which tokens may come, and moves against the error with
 * each token that is chosen, {@code mu = mu - eta * (surprise - tau)}. It begins at twice the target.
 */
abstract class Mirostat implements ChoosingStep {
    private static final double LN2 = Math.log(2);

    private final float tau;
    private final float eta;
    private double mu;

    private Mirostat(float tau, float eta) {
        this.tau = tau;
        this.eta = eta;
        mu = 2.0 * tau;
    }

    /**
     * The first version: k is chosen so that the k most probable tokens have the surprise wanted, if probability falls with
     * rank as Zipf's law says; its exponent is estimated from the best {@code count} tokens.
     */
    static Mirostat first(float tau, float eta, int count) {
        return new Mirostat(tau, eta) {
            @Override
            public void apply(Candidates candidates, TokenHistory history) {
                candidates.keepFrom(-Float.MAX_VALUE);
                int k = (int) k(candidates.zipfExponent(count), candidates.vocabulary());
                candidates.keepBest(Math.max(1, k));
            }
        };
    }

    /** The second version: tokens of a surprise above mu are removed. */
    static Mirostat second(float tau, float eta) {
        return new Mirostat(tau, eta) {
            @Override
            public void apply(Candidates candidates, TokenHistory history) {
                candidates.softmax();
                double lowest = candidates.logSumExp() - mu() * LN2;
                candidates.keepFrom(Math.min(lowest, candidates.logit(candidates.best())));
            }
        };
    }

    /** How many tokens have the surprise mu together; NaN where nothing can be estimated. */
    double k(double exponent, int vocabulary) {
        double epsilon = exponent - 1;
        double sum = epsilon == 0 ? 1 / Math.log(vocabulary) : epsilon / (1 - Math.pow(vocabulary, -epsilon));
        return Math.pow(sum * Math.pow(2, mu), 1 / exponent);
    }

    @Override
    public void chosen(Candidates candidates, int index) {
        candidates.softmax();
        double surprise = (candidates.logSumExp() - candidates.logit(index)) / LN2;
        mu -= eta * (surprise - tau);
    }

    /** The limit as it is now. */
    double mu() {
        return mu;
    }

    @Override
    public String toString() {
        return "Mirostat[tau=" + tau + ", eta=" + eta + "]";
    }
}
