package dev.skald.runtime.arch;

import dev.skald.kernels.attention.Rope.Pairing;
import dev.skald.runtime.layer.Activation;
import dev.skald.runtime.layer.FeedForward;
import dev.skald.runtime.layer.Norm;
import dev.skald.runtime.layer.Ropes;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/** BERT and its relatives: encoders, in which a token sees the tokens before and after it. */
final class Bert {
    private Bert() {}

    /** BERT, RoBERTa and XLM-RoBERTa, which have a row for each position. */
    static Forward read(Reader in) {
        in.looksBothWays();
        return read(in, true, layer -> in.attention(layer), layer -> in.plainFeedForward(layer, Activation.GELU));
    }

    /** Nomic's BERT: rotated queries and keys, SwiGLU. */
    static Forward nomic(Reader in) {
        in.looksBothWays();
        Ropes rope = in.rope(Pairing.HALVES);
        return read(
                in, false, layer -> in.attention(layer).rope(rope), layer -> in.feedForward(layer, Activation.SILU));
    }

    /**
     * Jina's second BERT: scores fade with the distance, GeGLU. Its variant for code also norms queries and keys, and has one
     * more norm.
     */
    static Forward jina(Reader in) {
        in.looksBothWays();
        return read(
                in,
                false,
                layer -> {
                    String b = Reader.block(layer);
                    Heads heads = in.heads();
                    return in.attention(layer)
                            .fading(8)
                            .norms(
                                    in.optionalLayerNorm(b + "attn_q_norm", heads.queries()),
                                    in.optionalLayerNorm(b + "attn_k_norm", heads.keys()));
                },
                layer -> jinaFeedForward(in, layer));
    }

    private static FeedForward jinaFeedForward(Reader in, int layer) {
        String up = Reader.block(layer) + "ffn_up.weight";
        boolean gate = in.has(Reader.block(layer) + "ffn_gate.weight") || in.rowsOf(up) != in.width();
        return gate ? in.feedForward(layer, Activation.GELU) : in.plainFeedForward(layer, Activation.GELU);
    }

    private static Forward read(
            Reader in, boolean positions, IntFunction<AttentionReader> attention, IntFunction<FeedForward> ffn) {
        List<Encoder.Block> blocks = new ArrayList<>();
        for (int i = 0; i < in.layers(); i++) {
            String b = Reader.block(i);
            List<Norm> second = in.optionalLayerNorm(b + "attn_norm_2", in.dim());
            blocks.add(new Encoder.Block(
                    attention.apply(i).read(),
                    in.layerNorm(b + "attn_output_norm"),
                    second.isEmpty() ? null : second.getFirst(),
                    ffn.apply(i),
                    in.layerNorm(b + "layer_output_norm")));
        }
        return new Encoder(in.encoderEmbedding(positions), blocks);
    }
}
