package dev.skald.runtime.layer;

import dev.skald.kernels.attention.Ops;

/**
 * Chooses the experts of a row, and their weights.
 *
 * @param linear projects to a score for each expert
 * @param bias added to the gates for the choice only, and not for the weights; null for none
 * @param groups of consecutive experts; only experts of chosen groups can be chosen. Null for none
 * @param used how many experts are chosen
 * @param gating the function of the scores
 * @param normalized whether the weights of the chosen experts add up to 1
 * @param scale factor on the weights
 */
public record Router(
        Linear linear, float[] bias, Groups groups, int used, Gating gating, boolean normalized, float scale) {
    /** The smallest sum that weights are divided by: the smallest normal number in half precision, as in llama.cpp. */
    private static final float SMALLEST_SUM = 0x1p-14f;

    /** The function that turns scores into gates. */
    public enum Gating {
        /** The softmax over all experts. */
        SOFTMAX,
        /** The softmax over the chosen experts. */
        SOFTMAX_OF_CHOSEN,
        /** The sigmoid of each score. */
        SIGMOID
    }

    /**
     * Groups of experts. The score of a group is the sum of its two best experts.
     *
     * @param count how many groups of equal size
     * @param used how many groups are chosen
     */
    public record Groups(int count, int used) {}

    int experts() {
        return linear.rows();
    }

    /**
     * Chooses the experts of a row.
     *
     * @param scores of all experts, from an index on; overwritten with the gates
     * @param chosen receives the chosen experts in ascending order, from an index on
     * @param weights receives their weights, from the same index on
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
        boolean[] open = groups == null ? null : openGroups(scores, from);
        for (int i = 0; i < used; i++) {
            int best = -1;
            for (int e = 0; e < experts; e++) {
                if (!taken[e]
                        && (open == null || open[e / (experts / groups.count)])
                        && (best < 0 || score(scores, from, e) > score(scores, from, best))) {
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

    /** Returns the groups that are chosen. */
    private boolean[] openGroups(float[] scores, int from) {
        int size = experts() / groups.count;
        boolean[] open = new boolean[groups.count];
        for (int i = 0; i < groups.used; i++) {
            int best = -1;
            for (int g = 0; g < groups.count; g++) {
                if (!open[g] && (best < 0 || twoBest(scores, from, g, size) > twoBest(scores, from, best, size))) {
                    best = g;
                }
            }
            open[best] = true;
        }
        return open;
    }

    private float twoBest(float[] scores, int from, int group, int size) {
        float first = Float.NEGATIVE_INFINITY;
        float second = Float.NEGATIVE_INFINITY;
        for (int e = group * size; e < (group + 1) * size; e++) {
            float score = score(scores, from, e);
            second = Math.max(second, Math.min(first, score));
            first = Math.max(first, score);
        }
        return first + second;
    }

    private float score(float[] scores, int from, int expert) {
        return bias == null ? scores[from + expert] : scores[from + expert] + bias[expert];
    }

    static float sigmoid(float x) {
        return (float) (1 / (1 + Math.exp(-x)));
    }
}
