package dev.skald.runtime.arch;

import dev.skald.kernels.attention.Rope.Pairing;
import dev.skald.runtime.layer.Activation;
import dev.skald.runtime.layer.Embedding;
import dev.skald.runtime.layer.Ropes;
import dev.skald.runtime.layer.Transform;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * The Llama family: RMS norms before each part of a block, rotated queries and keys, grouped-query attention, SwiGLU or experts
 * with SwiGLU (Mixtral).
 *
 * <p>Files say what the models of the family differ in: biases, norms of queries and keys, scales, the rope's base and scaling,
 * a sliding window, experts, tied output. The exception is which values the rope pairs, so the registry says that.
 */
final class Llama {
    private Llama() {}

    static Forward read(Reader in, Pairing pairing) {
        Ropes rope = in.rope(pairing);
        return read(in, layer -> in.attention(layer).rope(rope).window(in.window(layer)));
    }

    /** Qwen 3, with or without experts: norms of queries and keys. */
    static Forward qwen3(Reader in) {
        Ropes rope = in.rope(Pairing.HALVES);
        return read(
                in,
                layer -> in.attention(layer).rope(rope).window(in.window(layer)).headNorms());
    }

    /** Granite, with or without experts; a file may say that there is no rotation. */
    static Forward granite(Reader in) {
        Ropes rope =
                in.keys().flag("rope.scaling.finetuned", true) ? in.rope(Pairing.ADJACENT) : AttentionReader.NO_ROPE;
        return read(in, layer -> in.attention(layer).rope(rope).window(in.window(layer)));
    }

    /** SmolLM 3: every fourth layer has no rotation. */
    static Forward smolLm3(Reader in) {
        Ropes rope = in.rope(Pairing.ADJACENT);
        return read(in, layer -> in.attention(layer).rope(layer % 4 == 3 ? AttentionReader.NO_ROPE : rope));
    }

    /** A model of the family with other attention. */
    static Forward read(Reader in, IntFunction<AttentionReader> attention) {
        Keys keys = in.keys();
        float scale = keys.positiveOrZero("attention.scale");
        Embedding embedding = in.embedding(keys.factor("embedding_scale"));
        List<Decoder.Block> blocks = new ArrayList<>();
        for (int i = 0; i < in.layers(); i++) {
            String b = Reader.block(i);
            AttentionReader own = attention.apply(i);
            blocks.add(new Decoder.Block(
                    in.norm(b + "attn_norm"),
                    (scale > 0 ? own.scale(scale) : own).read(),
                    in.norm(b + "ffn_norm"),
                    feedForward(in, i)));
        }
        return new Decoder(
                embedding,
                blocks,
                keys.factor("residual_scale"),
                // The file has the divisor of the logits.
                in.head(in.norm("output_norm"), 1 / keys.factor("logit_scale"), 0));
    }

    private static Transform feedForward(Reader in, int layer) {
        return in.experts() == 0
                ? in.feedForward(layer, Activation.SILU)
                : in.experts(layer)
                        .normalized()
                        .shared(in.keys().numberOrZero("expert_shared_feed_forward_length", Reader.MAX_WIDTH))
                        .read();
    }
}
