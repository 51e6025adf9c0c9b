package dev.skald.runtime.arch;

import dev.skald.kernels.attention.Rope.Pairing;
import dev.skald.runtime.layer.Activation;
import dev.skald.runtime.layer.Embedding;
import dev.skald.runtime.layer.Ropes;
import java.util.ArrayList;
import java.util.List;

/**
 * EXAONE 4: norms only after each part of a block, and norms of each query and key. In the model with 64 layers, and in no
 * other, three of four layers have a window, and the fourth has no rotation.
 */
final class Exaone4 {
    private static final int LAYERS_OF_LARGEST = 64;

    private Exaone4() {}

    static Forward read(Reader in) {
        Ropes rope = in.rope(Pairing.HALVES);
        boolean largest = in.layers() == LAYERS_OF_LARGEST;
        int window = largest ? in.keys().number("attention.sliding_window", Integer.MAX_VALUE, 4096) : 0;
        Embedding embedding = in.embedding(1);
        List<Decoder.Block> blocks = new ArrayList<>();
        for (int i = 0; i < in.layers(); i++) {
            String b = Reader.block(i);
            AttentionReader attention = in.attention(i).headNorms();
            if (!largest) {
                attention.rope(rope);
            } else if (!in.seesAll(i, 4)) {
                attention.rope(rope).window(window);
            }
            blocks.add(new Decoder.Block(
                    null,
                    attention.read(),
                    in.norm(b + "post_attention_norm"),
                    null,
                    in.feedForward(i, Activation.SILU),
                    in.norm(b + "post_ffw_norm")));
        }
        return new Decoder(embedding, blocks, in.head());
    }
}
