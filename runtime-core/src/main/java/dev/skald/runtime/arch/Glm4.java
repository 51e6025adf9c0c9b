package dev.skald.runtime.arch;

import dev.skald.kernels.attention.Rope.Pairing;
import dev.skald.runtime.layer.Activation;
import dev.skald.runtime.layer.Embedding;
import dev.skald.runtime.layer.Ropes;
import java.util.ArrayList;
import java.util.List;

/** GLM 4: norms before and after each part of a block, biases of queries, keys and values, half of each head rotated. */
final class Glm4 {
    private Glm4() {}

    static Forward read(Reader in) {
        Ropes rope = in.rope(Pairing.ADJACENT);
        Embedding embedding = in.embedding(1);
        List<Decoder.Block> blocks = new ArrayList<>();
        for (int i = 0; i < in.layers(); i++) {
            String b = Reader.block(i);
            blocks.add(new Decoder.Block(
                    in.norm(b + "attn_norm"),
                    in.attention(i).rope(rope).read(),
                    in.norm(b + "post_attention_norm"),
                    in.norm(b + "ffn_norm"),
                    in.feedForward(i, Activation.SILU),
                    in.norm(b + "post_ffw_norm")));
        }
        return new Decoder(embedding, blocks, in.head());
    }
}
