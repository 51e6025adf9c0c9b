package dev.skald.runtime.layer;

import dev.skald.kernels.attention.Ops;

/**
 * Chooses the experts of a row, and how much each counts.
 *
 * @param linear makes a score for each expert
 * @param bias added to the scores' gates for the choice only, not for what an expert counts; null for none
 * @param used how many are chosen
 * @param gating what is made of scores
 * @param normalized whether the weights of those that are chosen add up to one
 * @param scale factor on the weights
 */
public record Router(Linear linear, float[] bias, int used, Gating gating, boolean normalized, float scale) {
    /** The smallest sum that weights are divided by: the smallest normal number of half precision, as in llama.cpp. */
    private static final float SMALLEST_SUM = 0x1p-14f;

    /** What is made of the scores of experts. */
    public enum Gating {
        /** The softmax of all. */
        SOFTMAX,
        /** The softmax of those that are chosen, by their scores. */
        SOFTMAX_OF_CHOSEN,
        /** The sigmoid of each. */
        SIGMOID
    }

    int experts() {
        return linear.rows();
    }

    /**
     * Chooses.
     *
     * @param scores of all experts, from an index on; what is made of them takes their place
     * @param chosen receives the experts in ascending order, from an index on
     * @param weights receives what each counts, from the same index on
     */
    void choose(float[] scores, int from, int[] chosen, float[] weights, int to) {
        int experts = experts();
        linear.addBias(scores, from);
        switch (gating) {
            case SOFTMAX -> Ops.softmax(scores, from, experts);
            case SIGMOID -> {
                for (int i = from; i < from + experts; i++) {
                    scores[i] = sigmoid(scores[i]);
                }
            }
            case SOFTMAX_OF_CHOSEN -> {}
        }
        boolean[] taken = new boolean[experts];
        for (int i = 0; i < used; i++) {
            int best = -1;
            for (int e = 0; e < experts; e++) {
                if (!taken[e] && (best < 0 || score(scores, from, e) > score(scores, from, best))) {
                    best = e;
                }
            }
            taken[best] = true;
        }
        for (int e = 0, i = to; e < experts; e++) {
            if (taken[e]) {
                chosen[i] = e;
                weights[i++] = scores[from + e];
            }
        }
        if (gating == Gating.SOFTMAX_OF_CHOSEN) {
            Ops.softmax(weights, to, used);
        }
        float factor = scale;
        if (normalized) {
            float sum = 0;
            for (int i = to; i < to + used; i++) {
                sum += weights[i];
            }
            factor /= Math.max(sum, SMALLEST_SUM);
        }
        Pass.scale(weights, to, used, factor);
    }

    private float score(float[] scores, int from, int expert) {
        return bias == null ? scores[from + expert] : scores[from + expert] + bias[expert];
    }

    static float sigmoid(float x) {
        return (float) (1 / (1 + Math.exp(-x)));
    }
}
