package dev.skald.runtime.layer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.format.QuantFormats;
import dev.skald.kernels.product.QuantMatrix;
import dev.skald.runtime.layer.Router.Gating;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/** Choices among five experts, worked out by hand. */
class RouterTest {
    private static final float[] SCORES = {1, 3, 0, 2, 3};

    private static Router router(float[] bias, int used, Gating gating, boolean normalized, float scale) {
        QuantMatrix matrix = QuantMatrix.of(
                QuantFormats.of(GgmlType.F32), SCORES.length, 1, MemorySegment.ofArray(new byte[4 * SCORES.length]));
        return new Router(new Linear("router", matrix, 1, null, null), bias, null, used, gating, normalized, scale);
    }

    private static void assertChoice(Router router, int[] chosen, double... weights) {
        float[] scores = new float[SCORES.length + 2];
        System.arraycopy(SCORES, 0, scores, 2, SCORES.length);
        int[] found = new int[chosen.length + 1];
        float[] counts = new float[chosen.length + 1];
        router.choose(scores, 2, found, counts, 1);
        int[] own = new int[chosen.length];
        float[] expected = new float[chosen.length];
        float[] actual = new float[chosen.length];
        for (int i = 0; i < chosen.length; i++) {
            own[i] = found[i + 1];
            expected[i] = (float) weights[i];
            actual[i] = counts[i + 1];
        }
        assertArrayEquals(chosen, own);
        assertArrayEquals(expected, actual, 1e-6f);
    }

    private static double e(double x) {
        return Math.exp(x);
    }

    @Test
    void softmaxOfAll() {
        double all = e(1) + e(3) + e(0) + e(2) + e(3);
        assertChoice(
                router(null, 3, Gating.SOFTMAX, false, 1), new int[] {1, 3, 4}, e(3) / all, e(2) / all, e(3) / all);
    }

    @Test
    void weightsAddUpToTheScaleWhereTheyAreNormalized() {
        double chosen = 2 * e(3) + e(2);
        assertChoice(
                router(null, 3, Gating.SOFTMAX, true, 2.5f),
                new int[] {1, 3, 4},
                2.5 * e(3) / chosen,
                2.5 * e(2) / chosen,
                2.5 * e(3) / chosen);
    }

    /** Of equal experts the first is chosen. */
    @Test
    void softmaxOfTheChosen() {
        assertChoice(router(null, 1, Gating.SOFTMAX_OF_CHOSEN, false, 1), new int[] {1}, 1);
        double chosen = 2 * e(3) + e(2);
        assertChoice(
                router(null, 3, Gating.SOFTMAX_OF_CHOSEN, false, 1),
                new int[] {1, 3, 4},
                e(3) / chosen,
                e(2) / chosen,
                e(3) / chosen);
    }

    /** With a bias, the third expert is among the chosen; its weight is the one without the bias. */
    @Test
    void sigmoidWithABiasOfTheChoice() {
        float[] bias = {0, 0, 1, 0, 0};
        assertChoice(router(bias, 2, Gating.SIGMOID, false, 1), new int[] {1, 2}, 1 / (1 + e(-3)), 0.5);
    }
}
