package dev.skald.kernels.machine;

import dev.skald.kernels.machine.MachineAttention.Heads;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;

/** What the kernels of attention compute, in plain Java and to the bit, for one query. */
final class AttentionReference {
    private final Heads heads;
    private final int lanes;
    private final float[] sums;
    private final float[] mixed;
    private float most = AttentionCode.UNSEEN;

    /** Has seen nothing. */
    AttentionReference(Heads heads, int lanes) {
        this.heads = heads;
        this.lanes = lanes;
        sums = new float[lanes];
        mixed = new float[heads.valueSize()];
    }

    /** See {@link ExpCode}. */
    static float exp(float x) {
        float held = x < ExpCode.LEAST ? ExpCode.LEAST : x;
        float shifted = Math.fma(held, ExpCode.LOG2_E, ExpCode.MAGIC);
        float k = shifted - ExpCode.MAGIC;
        float r = Math.fma(k, ExpCode.MINUS_LN_2_LOW, Math.fma(k, ExpCode.MINUS_LN_2_HIGH, held));
        float p = ExpCode.COEFFICIENTS[0];
        for (int i = 1; i < ExpCode.COEFFICIENTS.length; i++) {
            p = Math.fma(p, r, ExpCode.COEFFICIENTS[i]);
        }
        return Float.intBitsToFloat(Float.floatToRawIntBits(p) + (Float.floatToRawIntBits(shifted) << 23));
    }

    /** Sees positions of some pages, counted from the beginning of the first. */
    void see(List<MemorySegment> pages, float[] q, int from, int to) {
        int n = MachineAttention.POSITIONS;
        for (int page = 0; page < pages.size(); page++) {
            int first = Math.max(0, from - page * n);
            int end = Math.min(n, to - page * n);
            float before = most;
            float[] s = new float[n];
            for (int p = first; p < end; p++) {
                for (int d = 0; d < heads.keySize(); d++) {
                    s[p] = Math.fma(number(pages.get(page), d * n + p), q[d], s[p]);
                }
                most = Math.max(most, s[p]);
            }
            float factor = exp(before - most);
            for (int lane = 0; lane < lanes; lane++) {
                sums[lane] *= factor;
            }
            for (int p = first; p < end; p++) {
                s[p] = exp(s[p] - most);
                sums[p % lanes] += s[p];
            }
            for (int d = 0; d < mixed.length; d++) {
                mixed[d] *= factor;
                for (int p = first; p < end; p++) {
                    float value = number(pages.get(page), n * heads.keySize() + p * heads.valueSize() + d);
                    mixed[d] = Math.fma(value, s[p], mixed[d]);
                }
            }
        }
    }

    private float number(MemorySegment page, int index) {
        return heads.half()
                ? Float.float16ToFloat(page.getAtIndex(ValueLayout.JAVA_SHORT, index))
                : page.getAtIndex(ValueLayout.JAVA_FLOAT, index);
    }

    /** Has also seen what another one saw. */
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

    /** The mean of the values. */
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
