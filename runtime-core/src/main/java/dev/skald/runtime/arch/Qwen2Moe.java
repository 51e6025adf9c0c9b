package dev.skald.runtime.arch;

import dev.skald.kernels.attention.Rope.Pairing;
import dev.skald.runtime.layer.Embedding;
import dev.skald.runtime.layer.Ropes;
import java.util.ArrayList;
import java.util.List;

/** Qwen 1.5 and 2 with experts: the experts' weights are not normalized, and a gate decides the weight of the shared expert. */
final class Qwen2Moe {
    private Qwen2Moe() {}

    static Forward read(Reader in) {
        Ropes rope = in.rope(Pairing.HALVES);
        int shared = in.keys().has("expert_shared_feed_forward_length")
                ? in.keys().count("expert_shared_feed_forward_length", Reader.MAX_WIDTH)
                : in.width();
        Embedding embedding = in.embedding(1);
        List<Decoder.Block> blocks = new ArrayList<>();
        for (int i = 0; i < in.layers(); i++) {
            String b = Reader.block(i);
            blocks.add(new Decoder.Block(
                    in.norm(b + "attn_norm"),
                    in.attention(i).rope(rope).read(),
                    in.norm(b + "ffn_norm"),
                    in.experts(i).shared(shared).read()));
        }
        return new Decoder(embedding, blocks, in.head());
    }
}
