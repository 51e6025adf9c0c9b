package dev.skald.runtime.sampling;

import java.util.Arrays;

/**
 * Prefers tokens of about a given probability (MrJackSpade and ddh0 2025, llama.cpp's pull request 17927). Each logit
 * becomes
 *
 * <pre>{@code
 * d     = |p(i) - t| / 0.3
 * logit = 5 - 10 * d^2 / (1 + d)
 * }</pre>
 *
 * <p>where t is twice the target less the average probability of the tokens chosen before, within [0, 1]: after improbable
 * ones it looks for probable ones. The average is exponential, and begins as if the target had long been met. It moves when
 * a token that was drawn becomes part of the text.
 */
final class AdaptiveP implements ChoosingStep {
    private static final float WIDTH = 0.3f;
    private static final float PEAK = 5;
    private static final float SHARPNESS = 10;
    private static final float LONGEST_DECAY = 0.99f;

    private final float target;
    private final float decay;
    private double weightedSum;
    private double totalWeight;
    private float[] probabilities = {};
    /** What was drawn and has not been accepted; -1 for nothing. */
    private int drawn = -1;

    private double drawnProbability;

    /**
     * A new average.
     *
     * @param target a probability; a negative one leaves the distribution as it is
     * @param decay the weight that the average so far keeps with each token, in [0, 0.99]; above counts as 0.99
     */
    AdaptiveP(float target, float decay) {
        this.target = target;
        this.decay = Math.min(LONGEST_DECAY, Math.max(0, decay));
        totalWeight = 1 / (1.0 - this.decay);
        weightedSum = target * totalWeight;
    }

    @Override
    public void apply(Candidates candidates, TokenHistory history) {
        drawn = -1;
        if (target < 0) {
            return;
        }
        candidates.softmax();
        if (probabilities.length < candidates.size()) {
            probabilities = Arrays.copyOf(probabilities, candidates.vocabulary());
        }
        double wanted = Math.clamp(2 * Math.min(1, target) - weightedSum / totalWeight, 0.0, 1.0);
        for (int i = 0; i < candidates.size(); i++) {
            probabilities[i] = candidates.probability(i);
            if (candidates.logit(i) != Float.NEGATIVE_INFINITY) {
                double distance = Math.abs(probabilities[i] - wanted) / WIDTH;
                candidates.setLogit(i, (float) (PEAK - SHARPNESS * distance * distance / (1 + distance)));
            }
        }
    }

    @Override
    public void chosen(Candidates candidates, int index) {
        if (target >= 0) {
            drawn = candidates.id(index);
            drawnProbability = probabilities[index];
        }
    }

    @Override
    public void accept(int token) {
        if (token == drawn) {
            weightedSum = drawnProbability + decay * weightedSum;
            totalWeight = 1 + decay * totalWeight;
        }
        drawn = -1;
    }

    /** The probabilities of tokens accepted so far, each with its weight. */
    double weightedSum() {
        return weightedSum;
    }

    /** The weights of tokens accepted so far. */
    double totalWeight() {
        return totalWeight;
    }

    @Override
    public String toString() {
        return "AdaptiveP[target=" + target + ", decay=" + decay + "]";
    }
}
