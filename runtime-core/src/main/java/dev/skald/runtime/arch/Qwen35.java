package dev.skald.runtime.arch;

import dev.skald.kernels.attention.Rope.Pairing;
import dev.skald.runtime.layer.Activation;
import dev.skald.runtime.layer.Convolution;
import dev.skald.runtime.layer.DeltaNet;
import dev.skald.runtime.layer.Embedding;
import dev.skald.runtime.layer.Linear;
import dev.skald.runtime.layer.Mixer;
import dev.skald.runtime.layer.Norm;
import dev.skald.runtime.layer.Ropes;
import dev.skald.runtime.layer.Transform;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * Qwen 3.5 and 3.6, with or without experts: gated delta nets, and in the last of every few layers attention with gated values.
 * Files may have further blocks that draft tokens; they are not used.
 */
final class Qwen35 {
    /** Far more than any model has. */
    private static final int MOST_TAPS = 64;

    private static final int MOST_HEADS = 1 << 12;
    private static final int LARGEST_HEAD = 1 << 12;

    private Qwen35() {}

    static Forward read(Reader in) {
        return read(in, layer -> in.feedForward(layer, Activation.SILU));
    }

    static Forward withExperts(Reader in) {
        Keys keys = in.keys();
        int shared = keys.count(
                keys.has("expert_shared_feed_forward_length")
                        ? "expert_shared_feed_forward_length"
                        : "expert_feed_forward_length",
                Reader.MAX_WIDTH);
        return read(in, layer -> in.experts(layer).normalized().shared(shared).read());
    }

    private static Forward read(Reader in, IntFunction<Transform> feedForward) {
        Keys keys = in.keys();
        int drafting = keys.numberOrZero("nextn_predict_layers", in.layers() - 1);
        int interval = keys.number("full_attention_interval", in.layers(), 4);
        if (keys.has("attention.recurrent_layers")) {
            throw keys.unsupported(
                    "attention.recurrent_layers",
                    "names the layers without attention, and Skald knows them by full_attention_interval only");
        }
        Ropes rope = in.rope(Pairing.HALVES);
        Embedding embedding = in.embedding(1);
        List<Decoder.Block> blocks = new ArrayList<>();
        for (int i = 0; i < in.layers() - drafting; i++) {
            String b = Reader.block(i);
            Mixer mixer = (i + 1) % interval == 0
                    ? in.attention(i).rope(rope).headNorms().gated().read()
                    : deltaNet(in, b);
            blocks.add(new Decoder.Block(
                    in.norm(b + "attn_norm"), mixer, in.norm(b + "post_attention_norm"), feedForward.apply(i)));
        }
        for (int i = in.layers() - drafting; i < in.layers(); i++) {
            in.leaveOut(Reader.block(i));
        }
        return new Decoder(embedding, blocks, in.head());
    }

    private static Mixer deltaNet(Reader in, String block) {
        Keys keys = in.keys();
        int taps = keys.count("ssm.conv_kernel", MOST_TAPS);
        int size = keys.count("ssm.state_size", LARGEST_HEAD);
        int keyHeads = keys.count("ssm.group_count", MOST_HEADS);
        int valueHeads = keys.count("ssm.time_step_rank", MOST_HEADS);
        int inner = keys.count("ssm.inner_size", Reader.MAX_WIDTH);
        if (valueHeads % keyHeads != 0) {
            throw keys.bad(
                    "ssm.group_count", valueHeads + " value heads do not share " + keyHeads + " key heads evenly");
        }
        if (inner != valueHeads * size) {
            throw keys.bad("ssm.inner_size", inner + " values are not " + valueHeads + " heads of " + size);
        }
        int all = 2 * keyHeads * size + inner;
        // The memory's size is an int.
        if ((long) inner * size + (long) taps * all > Integer.MAX_VALUE) {
            throw keys.bad("ssm.state_size", size + ": " + valueHeads + " memories of its square are too many floats");
        }
        Norm norm = in.norm(block + "ssm_norm", size);
        DeltaNet.Heads heads = new DeltaNet.Heads(keyHeads, valueHeads, size, norm.epsilon());
        Linear qkv = in.linear(block + "attn_qkv", all, in.dim());
        Linear gate = in.linear(block + "attn_gate", inner, in.dim());
        Linear beta = in.linear(block + "ssm_beta", valueHeads, in.dim());
        Linear alpha = in.linear(block + "ssm_alpha", valueHeads, in.dim());
        Convolution convolution = in.convolution(block + "ssm_conv1d", taps, all);
        DeltaNet.Fading fading = new DeltaNet.Fading(
                in.vector(block + "ssm_a", valueHeads), in.vector(block + "ssm_dt.bias", valueHeads));
        Linear output = in.linear(block + "ssm_out", in.dim(), inner);
        return in.addRecurrent(
                index -> new DeltaNet(index, heads, qkv, gate, beta, alpha, convolution, fading, norm, output));
    }
}
