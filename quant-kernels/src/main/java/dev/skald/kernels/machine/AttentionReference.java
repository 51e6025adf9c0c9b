package dev.skald.kernels.machine;

import dev.skald.kernels.platform.Exp;
import java.util.Arrays;

/**
 * Computes what the attention kernels compute for one query, in plain Java and to the bit. Kernels are compared with it
 * before they are used. It receives pages one after another, as scores and values.
 */
final class AttentionReference {
    private final int lanes;
    private final float[] sums;
    private final float[] mixed;
    private float most = AttentionCode.UNSEEN;

    /** Creates a reference that has seen no position. */
    AttentionReference(int lanes, int valueSize) {
        this.lanes = lanes;
        sums = new float[lanes];
        mixed = new float[valueSize];
    }

    /** Computes e^x as {@link ExpCode} does. */
    static float exp(float x) {
        float held = x < Exp.LEAST ? Exp.LEAST : x;
        float shifted = Math.fma(held, Exp.LOG2_E, Exp.MAGIC);
        float k = shifted - Exp.MAGIC;
        float r = Math.fma(k, Exp.MINUS_LN_2_LOW, Math.fma(k, Exp.MINUS_LN_2_HIGH, held));
        float p = ExpCode.COEFFICIENTS[0];
        for (int i = 1; i < ExpCode.COEFFICIENTS.length; i++) {
            p = Math.fma(p, r, ExpCode.COEFFICIENTS[i]);
        }
        return Float.intBitsToFloat(Float.floatToRawIntBits(p) + (Float.floatToRawIntBits(shifted) << 23));
    }

    /** Returns the score of a position, whose key is one column of a page's keys, [key size][positions]. */
    static float score(float[] keys, int positions, int position, float[] q) {
        float sum = 0;
        for (int d = 0; d < q.length; d++) {
            sum = Math.fma(keys[d * positions + position], q[d], sum);
        }
        return sum;
    }

    /**
     * Adds some positions of a page.
     *
     * @param scores of its positions
     * @param values [positions][value size]
     * @param first the first visible position
     * @param end one past the last
     */
    void see(float[] scores, float[] values, int first, int end) {
        float before = most;
        for (int p = first; p < end; p++) {
            most = Math.max(most, scores[p]);
        }
        float factor = exp(before - most);
        for (int lane = 0; lane < lanes; lane++) {
            sums[lane] *= factor;
        }
        for (int d = 0; d < mixed.length; d++) {
            mixed[d] *= factor;
        }
        for (int p = first; p < end; p++) {
            float weight = exp(scores[p] - most);
            sums[p % lanes] += weight;
            for (int d = 0; d < mixed.length; d++) {
                mixed[d] = Math.fma(values[p * mixed.length + d], weight, mixed[d]);
            }
        }
    }

    /** Adds the positions that another reference has seen. */
    void merge(AttentionReference other) {
        float largest = Math.max(most, other.most);
        float own = exp(most - largest);
        float others = exp(other.most - largest);
        for (int lane = 0; lane < lanes; lane++) {
            sums[lane] = Math.fma(others, other.sums[lane], own * sums[lane]);
        }
        for (int d = 0; d < mixed.length; d++) {
            mixed[d] = Math.fma(others, other.mixed[d], own * mixed[d]);
        }
        most = largest;
    }

    /** Returns the weighted mean of the values. */
    float[] result() {
        float[] fold = Arrays.copyOf(sums, 4);
        for (int lane = 4; lane < lanes; lane++) {
            fold[lane % 4] += sums[lane];
        }
        float factor = 1 / ((fold[0] + fold[2]) + (fold[1] + fold[3]));
        float[] result = new float[mixed.length];
        for (int d = 0; d < result.length; d++) {
            result[d] = factor * mixed[d];
        }
        return result;
    }
}
