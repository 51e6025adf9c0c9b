package dev.skald.runtime.arch;

import dev.skald.kernels.attention.Rope.Pairing;
import dev.skald.runtime.layer.Activation;
import dev.skald.runtime.layer.Embedding;
import dev.skald.runtime.layer.Ropes;
import java.util.ArrayList;
import java.util.List;

/** Command R and its successors: parallel blocks, layer norms without bias, scaled logits. */
final class Cohere {
    private Cohere() {}

    static Forward commandR(Reader in) {
        Ropes rope = in.rope(Pairing.ADJACENT);
        Embedding embedding = in.embedding(1);
        List<ParallelDecoder.Block> blocks = new ArrayList<>();
        for (int i = 0; i < in.layers(); i++) {
            String b = Reader.block(i);
            Heads heads = in.heads();
            blocks.add(block(
                    in,
                    i,
                    in.attention(i)
                            .rope(rope)
                            .norms(
                                    in.headLayerNorms(b + "attn_q_norm", heads.count(), heads.keySize()),
                                    in.headLayerNorms(b + "attn_k_norm", heads.kvHeads(), heads.keySize()))));
        }
        return decoder(in, embedding, blocks);
    }

    /** Three of four layers have a window; the fourth has no rotation. */
    static Forward second(Reader in) {
        Ropes rope = in.rope(Pairing.ADJACENT);
        int window = in.keys().number("attention.sliding_window", Integer.MAX_VALUE);
        Embedding embedding = in.embedding(1);
        List<ParallelDecoder.Block> blocks = new ArrayList<>();
        for (int i = 0; i < in.layers(); i++) {
            AttentionReader attention = in.attention(i);
            blocks.add(block(
                    in, i, in.seesAll(i, 4) ? attention : attention.rope(rope).window(window)));
        }
        return decoder(in, embedding, blocks);
    }

    private static ParallelDecoder.Block block(Reader in, int layer, AttentionReader attention) {
        return new ParallelDecoder.Block(
                in.layerNorm(Reader.block(layer) + "attn_norm"),
                attention.read(),
                in.feedForward(layer, Activation.SILU));
    }

    private static Forward decoder(Reader in, Embedding embedding, List<ParallelDecoder.Block> blocks) {
        return new ParallelDecoder(
                embedding,
                blocks,
                in.head(in.layerNorm("output_norm"), in.keys().factor("logit_scale"), 0));
    }
}
