package dev.skald.runtime.state;

import dev.skald.kernels.attention.AttentionShape;
import dev.skald.kernels.attention.Rope;

/**
 * The keys and values of a layer.
 *
 * @param heads KV heads
 * @param keySize numbers of a key
 * @param valueSize numbers of a value
 * @param window how many positions back a row may look, its own included; {@link Integer#MAX_VALUE} for all
 * @param rope what turns keys by their positions; null if nothing does
 */
public record KvShape(int heads, int keySize, int valueSize, int window, Rope rope) {
    /** Those that attention of a shape looks at. */
    public static KvShape of(AttentionShape shape, Rope rope) {
        // A sequence that looks ahead is computed as a whole.
        int window = shape.causal() ? shape.window() : Integer.MAX_VALUE;
        return new KvShape(shape.kvHeads(), shape.keySize(), shape.valueSize(), window, rope);
    }
}
