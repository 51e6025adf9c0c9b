package dev.skald.runtime.arch;

import dev.skald.kernels.ops.Rope;
import dev.skald.kernels.ops.Rope.Pairing;
import dev.skald.runtime.layer.Activation;
import dev.skald.runtime.layer.Embedding;
import dev.skald.runtime.layer.Head;
import dev.skald.runtime.layer.Norm;
import dev.skald.runtime.layer.Pass;
import dev.skald.runtime.layer.Rows;
import dev.skald.runtime.layer.SelfAttention;
import dev.skald.runtime.layer.Transform;
import java.util.ArrayList;
import java.util.List;

/**
 * The Llama family: RMS norm, rotated queries and keys, grouped-query attention, SwiGLU; Mixtral's experts where a file has
 * some.
 *
 * <p>What its members differ in stands in their files: biases, norms of queries and keys, scales, the rope's base and
 * scaling, a sliding window, tied output. Only which values the rope pairs does not, so it is said here.
 */
final class Llama implements Forward {
    private record Block(Norm attentionNorm, SelfAttention attention, Norm ffnNorm, Transform ffn) {}

    private final Embedding embedding;
    private final List<Block> blocks = new ArrayList<>();
    private final Head head;
    private final float residualScale;

    Llama(Reader in, Pairing pairing) {
        Keys keys = in.keys();
        Rope rope = in.rope(pairing);
        float attentionScale = keys.positiveOrZero("attention.scale");
        embedding = in.embedding(keys.factor("embedding_scale"));
        residualScale = keys.factor("residual_scale");
        for (int i = 0; i < in.layers(); i++) {
            AttentionReader attention = in.attention(i).rope(rope).window(in.window());
            if (attentionScale > 0) {
                attention.scale(attentionScale);
            }
            String b = Reader.block(i);
            blocks.add(new Block(
                    in.norm(b + "attn_norm"),
                    attention.read(),
                    in.norm(b + "ffn_norm"),
                    in.experts() > 0 ? in.experts(i).normalized().read() : in.feedForward(i, Activation.SILU)));
        }
        // The file says what the logits are divided by.
        head = in.head(1 / keys.factor("logit_scale"), 0);
    }

    @Override
    public void compute(Pass p) {
        Rows x = embedding.apply(p);
        for (Block b : p.through(blocks)) {
            p.add(x, b.attention.apply(p, b.attentionNorm.apply(p, x), x), residualScale);
            p.add(x, b.ffn.apply(p, b.ffnNorm.apply(p, x)), residualScale);
        }
        head.apply(p, x);
    }
}
