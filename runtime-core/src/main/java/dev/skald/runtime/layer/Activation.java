package dev.skald.runtime.layer;

import dev.skald.kernels.attention.Ops;

/** The function between the matrices of a feed-forward network. */
public enum Activation {
    /** x sigmoid(x); with a gate this is SwiGLU. */
    SILU,
    /** x times the normal distribution function of x, approximated with tanh; with a gate this is GeGLU. */
    GELU,
    /**
     * Only with a gate: x sigmoid(1.702 x) (y + 1), where the gate x is at most 7 and the other factor y is from -7 to 7. As in
     * gpt-oss.
     */
    CLAMPED_SILU;

    private static final float CLAMP = 7;
    private static final float STEEPNESS = 1.702f;

    /** {@link #CLAMPED_SILU} of gates and their factors. */
    static void clampedSilu(float[] gate, float[] up, int at, int n) {
        for (int i = at; i < at + n; i++) {
            float x = Math.min(gate[i], CLAMP);
            float y = Math.clamp(up[i], -CLAMP, CLAMP);
            gate[i] = (float) (x / (1 + Math.exp(-STEEPNESS * x))) * (y + 1);
        }
    }

    /** Applies the function in place, without a gate. */
    void apply(float[] x, int at, int n) {
        switch (this) {
            case GELU -> Ops.gelu(x, at, n);
            case SILU, CLAMPED_SILU -> throw new IllegalStateException("no network has " + this + " without a gate");
        }
    }
}
