package dev.skald.runtime.arch;

import dev.skald.kernels.attention.Rope.Pairing;
import dev.skald.runtime.layer.Activation;
import dev.skald.runtime.layer.Convolution;
import dev.skald.runtime.layer.Embedding;
import dev.skald.runtime.layer.Linear;
import dev.skald.runtime.layer.Mixer;
import dev.skald.runtime.layer.Ropes;
import dev.skald.runtime.layer.ShortConvolution;
import java.util.ArrayList;
import java.util.List;

/** LFM 2: short convolutions, and in the few layers that have KV heads, attention with norms of queries and keys. */
final class Lfm2 {
    /** Far more than any model has. */
    private static final int MOST_TAPS = 64;

    private Lfm2() {}

    static Forward read(Reader in) {
        Keys keys = in.keys();
        int[] kvHeads = keys.perLayer("attention.head_count_kv", in.layers(), Reader.MAX_WIDTH);
        int taps = keys.count("shortconv.l_cache", MOST_TAPS);
        if (taps < 2) {
            throw keys.bad("shortconv.l_cache", taps + " is less than 2, and a convolution of one row would be none");
        }
        Ropes rope = in.rope(Pairing.HALVES);
        Embedding embedding = in.embedding(1);
        List<Decoder.Block> blocks = new ArrayList<>();
        for (int i = 0; i < in.layers(); i++) {
            String b = Reader.block(i);
            Mixer mixer = kvHeads[i] == 0
                    ? convolution(in, b, taps)
                    : in.attention(i).rope(rope).window(in.window()).headNorms().read();
            blocks.add(new Decoder.Block(
                    in.norm(b + "attn_norm"), mixer, in.norm(b + "ffn_norm"), in.feedForward(i, Activation.SILU)));
        }
        // LFM 2 files have their own name for the last norm.
        return new Decoder(embedding, blocks, in.head(in.norm("token_embd_norm"), 1, 0));
    }

    private static Mixer convolution(Reader in, String block, int taps) {
        Linear gates = in.linear(block + "shortconv.in_proj", 3 * in.dim(), in.dim());
        Convolution convolution = in.convolution(block + "shortconv.conv", taps, in.dim());
        Linear output = in.linear(block + "shortconv.out_proj", in.dim(), in.dim());
        return in.addRecurrent(index -> new ShortConvolution(index, gates, convolution, output));
    }
}
