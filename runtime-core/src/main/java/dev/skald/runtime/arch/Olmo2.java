package dev.skald.runtime.arch;

import dev.skald.kernels.attention.Rope.Pairing;
import dev.skald.runtime.layer.Activation;
import dev.skald.runtime.layer.Embedding;
import dev.skald.runtime.layer.Ropes;
import java.util.ArrayList;
import java.util.List;

/**
 * OLMo 2 and 3: norms only after each part of a block, and norms of all queries and all keys together. If there is a window,
 * three of four layers have it, with a rotation that is not stretched.
 */
final class Olmo2 {
    private Olmo2() {}

    static Forward read(Reader in) {
        Ropes global = in.rope(Pairing.HALVES);
        Ropes local = in.plainRope(Pairing.HALVES, "rope.freq_base");
        Heads heads = in.heads();
        Embedding embedding = in.embedding(1);
        List<Decoder.Block> blocks = new ArrayList<>();
        for (int i = 0; i < in.layers(); i++) {
            String b = Reader.block(i);
            boolean seesAll = in.window() == Integer.MAX_VALUE || in.seesAll(i, 4);
            blocks.add(new Decoder.Block(
                    null,
                    in.attention(i)
                            .rope(seesAll ? global : local)
                            .window(seesAll ? Integer.MAX_VALUE : in.window())
                            .norms(
                                    List.of(in.norm(b + "attn_q_norm", heads.queries())),
                                    List.of(in.norm(b + "attn_k_norm", heads.keys())))
                            .read(),
                    in.norm(b + "post_attention_norm"),
                    null,
                    in.feedForward(i, Activation.SILU),
                    in.norm(b + "post_ffw_norm")));
        }
        return new Decoder(embedding, blocks, in.head());
    }
}
