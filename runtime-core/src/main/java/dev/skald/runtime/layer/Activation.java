package dev.skald.runtime.layer;

import dev.skald.kernels.attention.Ops;

/** What a feed-forward network puts between its matrices. */
public enum Activation {
    /** x sigmoid(x); with a gate this is SwiGLU. */
    SILU,
    /** x times the normal distribution up to x, in its form with tanh; with a gate this is GeGLU. */
    GELU,
    /**
     * Only with a gate, which is held below 7 and the other factor y within 7: x sigmoid(1.702 x) (y + 1), as in gpt-oss.
     */
    CLAMPED_SILU;

    private static final float CLAMP = 7;
    private static final float STEEPNESS = 1.702f;

    /** {@link #CLAMPED_SILU} of some gates and factors. */
    static void clampedSilu(float[] gate, float[] up, int at, int n) {
        for (int i = at; i < at + n; i++) {
            float x = Math.min(gate[i], CLAMP);
            float y = Math.clamp(up[i], -CLAMP, CLAMP);
            gate[i] = (float) (x / (1 + Math.exp(-STEEPNESS * x))) * (y + 1);
        }
    }

    /** Without a gate, in place. */
    void apply(float[] x, int at, int n) {
        switch (this) {
            case GELU -> Ops.gelu(x, at, n);
            case SILU, CLAMPED_SILU -> throw new IllegalStateException("no network has " + this + " without a gate");
        }
    }
}
