package dev.skald.runtime.arch;

import dev.skald.kernels.attention.Rope.Pairing;
import dev.skald.runtime.layer.Activation;
import dev.skald.runtime.layer.AttentionLayer;
import dev.skald.runtime.layer.Embedding;
import dev.skald.runtime.layer.FeedForward;
import dev.skald.runtime.layer.Head;
import dev.skald.runtime.layer.Norm;
import dev.skald.runtime.layer.Ropes;
import java.util.ArrayList;
import java.util.List;

/**
 * StableLM: layer norms, part of each head rotated. The larger model has parallel blocks, which are recognized by a missing
 * norm.
 */
final class StableLm {
    private StableLm() {}

    static Forward read(Reader in) {
        Ropes rope = in.rope(Pairing.HALVES);
        Heads heads = in.heads();
        boolean parallel = !in.has("blk.0.ffn_norm.weight");
        Embedding embedding = in.embedding(1);
        List<Decoder.Block> blocks = new ArrayList<>();
        List<ParallelDecoder.Block> parallelBlocks = new ArrayList<>();
        for (int i = 0; i < in.layers(); i++) {
            String b = Reader.block(i);
            Norm norm = in.layerNorm(b + "attn_norm");
            AttentionLayer attention = in.attention(i)
                    .rope(rope)
                    .norms(
                            in.headLayerNorms(b + "attn_q_norm", heads.count(), heads.keySize()),
                            in.headLayerNorms(b + "attn_k_norm", heads.kvHeads(), heads.keySize()))
                    .read();
            FeedForward ffn = in.feedForward(i, Activation.SILU);
            if (parallel) {
                parallelBlocks.add(new ParallelDecoder.Block(norm, attention, ffn));
            } else {
                blocks.add(new Decoder.Block(norm, attention, in.layerNorm(b + "ffn_norm"), ffn));
            }
        }
        Head head = in.head(in.layerNorm("output_norm"), 1, 0);
        return parallel ? new ParallelDecoder(embedding, parallelBlocks, head) : new Decoder(embedding, blocks, head);
    }
}
