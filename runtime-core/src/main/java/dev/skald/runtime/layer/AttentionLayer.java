package dev.skald.runtime.layer;

import dev.skald.kernels.attention.Attention;
import dev.skald.kernels.attention.AttentionShape;

/** Attention within a sequence, over the stored keys and values of its positions. */
public interface AttentionLayer extends Mixer {
    /** The kernels for this layer's shape. */
    Attention attention();

    /** Rotates queries and keys: the first values of each. */
    Ropes ropes();

    /** The shape of the stored heads, and which positions a row sees. */
    default AttentionShape shape() {
        return attention().shape();
    }
}
