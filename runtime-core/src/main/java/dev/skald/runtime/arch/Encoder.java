package dev.skald.runtime.arch;

import dev.skald.runtime.layer.AttentionLayer;
import dev.skald.runtime.layer.EncoderEmbedding;
import dev.skald.runtime.layer.Norm;
import dev.skald.runtime.layer.Pass;
import dev.skald.runtime.layer.Rows;
import dev.skald.runtime.layer.Transform;
import java.util.List;

/** The usual encoder: each part of a block adds its result to the stream, and then a norm follows. It computes no logits. */
record Encoder(EncoderEmbedding embedding, List<Block> blocks) implements Forward {
    /**
     * A block.
     *
     * @param norm of the stream after attention
     * @param second of the sum of that and the stream before it; null for none
     * @param last of the stream after the feed-forward network
     */
    record Block(AttentionLayer attention, Norm norm, Norm second, Transform ffn, Norm last) {}

    @Override
    public void compute(Pass p) {
        Rows x = embedding.apply(p);
        for (Block b : p.through(blocks)) {
            Rows y = b.attention.apply(p, x, x);
            if (b.second != null) {
                b.norm.ofSum(p, y, x);
                b.second.ofSum(p, x, y);
            } else {
                b.norm.ofSum(p, x, y);
            }
            b.last.ofSum(p, x, b.ffn.apply(p, x));
        }
        p.keepWanted(x);
        p.handOut(x);
    }
}
