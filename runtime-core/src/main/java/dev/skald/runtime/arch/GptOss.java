package dev.skald.runtime.arch;

import dev.skald.kernels.attention.Rope.Pairing;
import dev.skald.runtime.layer.Activation;
import dev.skald.runtime.layer.Embedding;
import dev.skald.runtime.layer.Ropes;
import dev.skald.runtime.layer.Router.Gating;
import java.util.ArrayList;
import java.util.List;

/** gpt-oss: sinks, a window in every second layer beginning with the first, and experts with clamped gates. */
final class GptOss {
    private GptOss() {}

    static Forward read(Reader in) {
        Ropes rope = in.rope(Pairing.HALVES);
        int window = in.keys().number("attention.sliding_window", Integer.MAX_VALUE);
        Embedding embedding = in.embedding(1);
        List<Decoder.Block> blocks = new ArrayList<>();
        for (int i = 0; i < in.layers(); i++) {
            String b = Reader.block(i);
            blocks.add(new Decoder.Block(
                    in.norm(b + "attn_norm"),
                    in.attention(i)
                            .rope(rope)
                            .window(in.seesAll(i, 2) ? Integer.MAX_VALUE : window)
                            .sinks()
                            .read(),
                    in.norm(b + "post_attention_norm"),
                    in.experts(i)
                            .activation(Activation.CLAMPED_SILU)
                            .gating(Gating.SOFTMAX_OF_CHOSEN)
                            .read()));
        }
        return new Decoder(embedding, blocks, in.head());
    }
}
