package dev.skald.runtime.layer;

import dev.skald.kernels.ops.Ops;

/** What a feed-forward network puts between its matrices. */
public enum Activation {
    /** x sigmoid(x); with a gate this is SwiGLU. */
    SILU,
    /** x times the normal distribution up to x, in its form with tanh; with a gate this is GeGLU. */
    GELU;

    /** Without a gate, in place. */
    void apply(float[] x, int at, int n) {
        switch (this) {
            case GELU -> Ops.gelu(x, at, n);
            case SILU -> throw new IllegalStateException("no network has " + this + " without a gate");
        }
    }
}
