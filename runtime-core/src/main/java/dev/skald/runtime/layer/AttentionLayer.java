package dev.skald.runtime.layer;

import dev.skald.kernels.attention.Attention;
import dev.skald.kernels.attention.AttentionShape;

/** Attention of a sequence to itself, over keys and values that are kept of each position. */
public interface AttentionLayer extends Mixer {
    /** The kernels, for its shape. */
    Attention attention();

    /** What turns queries and keys: the first values of each. */
    Ropes ropes();

    /** Heads as they are kept, and what they see. */
    default AttentionShape shape() {
        return attention().shape();
    }
}
