package dev.skald.runtime.arch;

import dev.skald.kernels.attention.Rope.Pairing;
import dev.skald.runtime.layer.Activation;
import dev.skald.runtime.layer.AttentionLayer;
import dev.skald.runtime.layer.Embedding;
import dev.skald.runtime.layer.Ropes;
import java.util.ArrayList;
import java.util.List;

/**
 * Gemma, generations 1 to 3: GeGLU, and embeddings multiplied by the root of their width. From the second on, there are norms
 * after each part of a block too, and most layers have a window.
 */
final class Gemma {
    private static final int ALL = Integer.MAX_VALUE;

    private Gemma() {}

    static Forward first(Reader in) {
        Ropes rope = in.rope(Pairing.HALVES);
        Embedding embedding = in.embedding(Math.sqrt(in.dim()));
        List<Decoder.Block> blocks = new ArrayList<>();
        for (int i = 0; i < in.layers(); i++) {
            String b = Reader.block(i);
            blocks.add(new Decoder.Block(
                    in.norm(b + "attn_norm"),
                    in.attention(i).rope(rope).read(),
                    in.norm(b + "ffn_norm"),
                    in.feedForward(i, Activation.GELU)));
        }
        return new Decoder(embedding, blocks, in.head());
    }

    /** Every second layer sees all positions, the others a window; scores and logits have a softcap. */
    static Forward second(Reader in) {
        Keys keys = in.keys();
        Ropes rope = in.rope(Pairing.HALVES);
        int window = keys.number("attention.sliding_window", ALL, 4096);
        float softcap = keys.positive("attn_logit_softcapping", 50);
        double scale = attentionScale(in, 46);
        Embedding embedding = in.embedding(Math.sqrt(in.dim()));
        List<Decoder.Block> blocks = new ArrayList<>();
        for (int i = 0; i < in.layers(); i++) {
            blocks.add(block(
                    in,
                    i,
                    in.attention(i)
                            .rope(rope)
                            .window(in.seesAll(i, 2) ? ALL : window)
                            .softcap(softcap)
                            .scale(scale)
                            .read()));
        }
        return new Decoder(
                embedding, blocks, in.head(in.norm("output_norm"), 1, keys.positive("final_logit_softcapping", 30)));
    }

    /** Every sixth layer sees all positions; the others have a window, and their own rotation. */
    static Forward third(Reader in) {
        Keys keys = in.keys();
        Ropes global = in.rope(Pairing.HALVES);
        Ropes local = in.plainRope(Pairing.HALVES, "rope.freq_base_swa");
        double scale = attentionScale(in, 62);
        Embedding embedding = in.embedding(Math.sqrt(in.dim()));
        List<Decoder.Block> blocks = new ArrayList<>();
        for (int i = 0; i < in.layers(); i++) {
            boolean seesAll = in.window() == ALL || in.seesAll(i, 6);
            blocks.add(block(
                    in,
                    i,
                    in.attention(i)
                            .rope(seesAll ? global : local)
                            .window(seesAll ? ALL : in.window())
                            .headNorms()
                            .scale(scale)
                            .read()));
        }
        return new Decoder(
                embedding, blocks, in.head(in.norm("output_norm"), 1, keys.positiveOrZero("final_logit_softcapping")));
    }

    /**
     * The third generation for embeddings: a token sees the tokens before and after it, all of them or half a window on each
     * side.
     */
    static Forward embedding(Reader in) {
        Keys keys = in.keys();
        in.looksBothWays();
        Ropes global = in.rope(Pairing.HALVES);
        Ropes local = in.plainRope(Pairing.HALVES, "rope.freq_base_swa");
        int window = keys.number("attention.sliding_window", ALL);
        Embedding embedding = in.embedding(Math.sqrt(in.dim()));
        List<Decoder.Block> blocks = new ArrayList<>();
        for (int i = 0; i < in.layers(); i++) {
            boolean seesAll = in.seesAll(i, 6);
            blocks.add(block(
                    in,
                    i,
                    in.attention(i)
                            .rope(seesAll ? global : local)
                            .window(seesAll ? ALL : window)
                            .headNorms()
                            .read()));
        }
        return new Decoder(embedding, blocks, in.headWithoutLogits(in.norm("output_norm")));
    }

    /**
     * The scale of models with 27 billion weights, which are recognized by their number of layers, does not follow from the
     * size of a head.
     */
    private static double attentionScale(Reader in, int layersOfLargest) {
        int heads = in.heads().count();
        return 1
                / Math.sqrt(
                        in.layers() == layersOfLargest
                                ? in.dim() / heads
                                : in.heads().keySize());
    }

    private static Decoder.Block block(Reader in, int layer, AttentionLayer attention) {
        String b = Reader.block(layer);
        return new Decoder.Block(
                in.norm(b + "attn_norm"),
                attention,
                in.norm(b + "post_attention_norm"),
                in.norm(b + "ffn_norm"),
                in.feedForward(layer, Activation.GELU),
                in.norm(b + "post_ffw_norm"));
    }
}
