package dev.skald.runtime.arch;

import dev.skald.kernels.attention.Rope.Pairing;
import dev.skald.runtime.layer.Activation;
import dev.skald.runtime.layer.Embedding;
import dev.skald.runtime.layer.Ropes;
import java.util.ArrayList;
import java.util.List;

/** StarCoder 2: layer norms, biases everywhere, a feed-forward network without a gate. */
final class StarCoder2 {
    private StarCoder2() {}

    static Forward read(Reader in) {
        Ropes rope = in.rope(Pairing.HALVES);
        Embedding embedding = in.embedding(1);
        List<Decoder.Block> blocks = new ArrayList<>();
        for (int i = 0; i < in.layers(); i++) {
            String b = Reader.block(i);
            blocks.add(new Decoder.Block(
                    in.layerNorm(b + "attn_norm"),
                    in.attention(i).rope(rope).read(),
                    in.layerNorm(b + "ffn_norm"),
                    in.plainFeedForward(i, Activation.GELU)));
        }
        return new Decoder(embedding, blocks, in.head(in.layerNorm("output_norm"), 1, 0));
    }
}
