package dev.skald.runtime.arch;

import dev.skald.kernels.attention.AttentionShape;
import dev.skald.kernels.attention.Rope.Pairing;
import dev.skald.runtime.layer.Activation;
import dev.skald.runtime.layer.AttentionLayer;
import dev.skald.runtime.layer.Embedding;
import dev.skald.runtime.layer.LatentAttention;
import dev.skald.runtime.layer.Linear;
import dev.skald.runtime.layer.Norm;
import dev.skald.runtime.layer.Ropes;
import dev.skald.runtime.layer.Router.Gating;
import dev.skald.runtime.layer.Transform;
import java.util.ArrayList;
import java.util.List;

/**
 * DeepSeek V2 and V3 and their relatives: latent attention, some dense layers, and then experts that are chosen in groups,
 * beside experts that every token uses.
 */
final class DeepSeek2 {
    private final Reader in;
    private final Keys keys;
    private final Heads heads;
    private final Ropes ropes;
    private final int rank;
    private final int keySize;
    private final int valueSize;
    private final int turned;
    private final float scale;

    private DeepSeek2(Reader in) {
        this.in = in;
        keys = in.keys();
        heads = in.heads();
        rank = keys.count("attention.kv_lora_rank", Reader.MAX_WIDTH);
        keySize = keys.count("attention.key_length_mla", 1 << 16, heads.keySize());
        valueSize = keys.count("attention.value_length_mla", 1 << 16, heads.valueSize());
        // The converter multiplied it by 0.1. The factor on scores contains what the rotation's magnitude leaves out.
        double log = keys.positiveOrZero("rope.scaling.yarn_log_multiplier") / 0.1;
        boolean yarn = keys.text("rope.scaling.type", "").equals("yarn");
        double magnitude = yarn ? 1 + 0.1 * (log > 0 ? log : 1) * Math.log(keys.positive("rope.scaling.factor", 1)) : 1;
        ropes = log > 0 ? in.ropeWithoutMagnitude(Pairing.ADJACENT) : in.rope(Pairing.ADJACENT);
        turned = ropes.dims();
        if (keySize <= turned
                || heads.count() * (long) keySize > Reader.MAX_WIDTH
                || heads.count() * (long) (rank + turned) > Reader.MAX_WIDTH) {
            throw keys.bad(
                    "attention.key_length",
                    heads.count() + " keys of " + keySize + ", of which " + turned
                            + " values are turned, and latents of " + rank);
        }
        scale = (float) (magnitude * magnitude / Math.sqrt(keySize));
    }

    static Forward read(Reader in) {
        return new DeepSeek2(in).decoder();
    }

    private Forward decoder() {
        int dense = keys.numberOrZero("leading_dense_block_count", Integer.MAX_VALUE);
        Embedding embedding = in.embedding(1);
        List<Decoder.Block> blocks = new ArrayList<>();
        for (int i = 0; i < in.layers(); i++) {
            String b = Reader.block(i);
            blocks.add(new Decoder.Block(
                    in.norm(b + "attn_norm"),
                    attention(b),
                    in.norm(b + "ffn_norm"),
                    i < dense ? in.feedForward(i, Activation.SILU) : experts(i)));
        }
        return new Decoder(embedding, blocks, in.head());
    }

    private AttentionLayer attention(String b) {
        int queries = heads.count() * keySize;
        int plain = keySize - turned;
        Linear down = null;
        Norm norm = null;
        Linear query;
        if (in.has(b + "attn_q.weight")) {
            query = in.linear(b + "attn_q", queries, in.dim());
        } else {
            int width = keys.count("attention.q_lora_rank", Reader.MAX_WIDTH);
            down = in.linear(b + "attn_q_a", width, in.dim());
            norm = in.norm(b + "attn_q_a_norm", width);
            query = in.linear(b + "attn_q_b", queries, width);
        }
        Linear latent = in.linear(b + "attn_kv_a_mqa", rank + turned, in.dim());
        Norm latentNorm = in.norm(b + "attn_kv_a_norm", rank);
        List<Linear> keysOfHeads = new ArrayList<>();
        List<Linear> valuesOfHeads = new ArrayList<>();
        if (in.has(b + "attn_k_b.weight")) {
            keysOfHeads.addAll(in.experts(b + "attn_k_b", heads.count(), heads.count(), plain, rank));
            valuesOfHeads.addAll(in.experts(b + "attn_v_b", heads.count(), heads.count(), rank, valueSize));
        } else {
            // Files of 2024 have both in one tensor, laid out for another order of the products.
            int rows = plain + valueSize;
            int all = Math.multiplyExact(heads.count(), rows);
            for (int h = 0; h < heads.count(); h++) {
                keysOfHeads.add(in.part(b + "attn_kv_b", all, rank, h * rows, plain, true));
                valuesOfHeads.add(in.part(b + "attn_kv_b", all, rank, h * rows + plain, valueSize, false));
            }
        }
        Linear output = in.linear(b + "attn_output", in.dim(), heads.count() * valueSize);
        Linear queryDown = down;
        Norm queryNorm = norm;
        AttentionShape shape = AttentionShape.causal(heads.count(), 1, turned + rank, rank, Integer.MAX_VALUE);
        in.widen(heads.count() * (turned + rank));
        return in.add(index -> new LatentAttention(
                index,
                queryDown,
                queryNorm,
                query,
                latent,
                latentNorm,
                keysOfHeads,
                valuesOfHeads,
                output,
                ropes,
                in.attend(shape),
                scale));
    }

    private Transform experts(int layer) {
        int shared = Math.multiplyExact(
                keys.number("expert_shared_count", 1 << 10),
                keys.count("expert_feed_forward_length", Reader.MAX_WIDTH / (1 << 10)));
        return in.experts(layer)
                .gating(keys.numberOrZero("expert_gating_func", 2) == 2 ? Gating.SIGMOID : Gating.SOFTMAX)
                .normalized(keys.flag("expert_weights_norm", false))
                .groups(
                        keys.number("expert_group_count", Reader.MAX_EXPERTS, 1),
                        keys.number("expert_group_used_count", Reader.MAX_EXPERTS, 1))
                .shared(shared)
                .read();
    }
}
