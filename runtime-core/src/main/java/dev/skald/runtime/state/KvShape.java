package dev.skald.runtime.state;

import dev.skald.kernels.attention.AttentionShape;
import dev.skald.kernels.attention.Rope;

/**
 * The shape of the keys and values of a layer.
 *
 * @param heads the number of KV heads
 * @param keySize the number of values in a key
 * @param valueSize the number of values in a value vector
 * @param window how many positions a row sees, including its own; {@link Integer#MAX_VALUE} for all
 * @param rope the rotation of keys; null for none
 */
public record KvShape(int heads, int keySize, int valueSize, int window, Rope rope) {
    /** Returns the shape of the keys and values that an attention layer reads. */
    public static KvShape of(AttentionShape shape, Rope rope) {
        // A sequence whose tokens see later tokens is computed as a whole.
        int window = shape.causal() ? shape.window() : Integer.MAX_VALUE;
        return new KvShape(shape.kvHeads(), shape.keySize(), shape.valueSize(), window, rope);
    }
}
