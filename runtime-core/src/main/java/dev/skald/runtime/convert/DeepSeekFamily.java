package dev.skald.runtime.convert;

import java.io.IOException;
import java.math.BigDecimal;
import java.util.List;

/** DeepSeek 2 and 3. Keys and values are computed from a small common vector, and only that vector is cached. */
final class DeepSeekFamily extends Family {
    DeepSeekFamily(Source source) {
        super(source);
        names.putInLayer("self_attn.q_a_proj", "attn_q_a")
                .putInLayer("self_attn.q_b_proj", "attn_q_b")
                .putInLayer("self_attn.q_a_layernorm", "attn_q_a_norm")
                .putInLayer("self_attn.kv_a_proj_with_mqa", "attn_kv_a_mqa")
                .putInLayer("self_attn.kv_a_layernorm", "attn_kv_a_norm")
                .putInLayer("self_attn.k_b_proj", "attn_k_b")
                .putInLayer("self_attn.v_b_proj", "attn_v_b")
                .putInLayer("mlp.gate.e_score_correction", "exp_probs_b");
        config = config.withDefaults(java.util.Map.of("rms_norm_eps", new BigDecimal("1e-6")));
    }

    @Override
    void tensor(String name, int layer, Weight weight) throws IOException {
        boolean tied = config.flag("tie_word_embeddings", false) && name.endsWith("lm_head.weight");
        if (tied || layer >= layers()) {
            // Skip the output matrix if the embedding serves as both, and the layers that predict further tokens.
            return;
        }
        if (!name.endsWith("kv_b_proj.weight")) {
            super.tensor(name, layer, weight);
            return;
        }
        long keys = config.size("qk_nope_head_dim");
        long values = config.size("v_head_dim");
        if (weight.dimensions() != 2 || weight.rows() != kvHeads() * (keys + values)) {
            throw weight.error("it should have " + kvHeads() * (keys + values) + " rows for " + kvHeads() + " heads");
        }
        Weight heads = weight.shaped(List.of((long) kvHeads(), keys + values, weight.columns()));
        add(
                mapped(name.replace("kv_b_proj", "k_b_proj")),
                heads.rowsOf(0, keys, 1).transposed());
        add(mapped(name.replace("kv_b_proj", "v_b_proj")), heads.rowsOf(keys, values, 1));
    }

    @Override
    void kvHeadKeys(Keys keys) {
        keys.uint32(".attention.head_count_kv", 1);
    }

    @Override
    void keys(Keys keys) throws IOException {
        super.keys(keys);
        boolean hasExperts = config.has("n_routed_experts");
        keys.uint32(".leading_dense_block_count", config.integer("first_k_dense_replace", hasExperts ? 0 : layers()));
        int rank = config.integer("kv_lora_rank", 512);
        int rotated = config.integer("qk_rope_head_dim");
        keys.uint32(".vocab_size", config.size("vocab_size"));
        if (config.has("q_lora_rank")) {
            keys.uint32(".attention.q_lora_rank", config.integer("q_lora_rank"));
        }
        keys.uint32(".attention.kv_lora_rank", rank);
        keys.uint32(".attention.key_length", rank + (long) rotated);
        keys.uint32(".attention.value_length", rank);
        keys.uint32(".attention.key_length_mla", config.integer("qk_nope_head_dim") + (long) rotated);
        keys.uint32(".attention.value_length_mla", config.integer("v_head_dim"));
        keys.uint32(
                ".expert_feed_forward_length",
                config.integer(config.first("moe_intermediate_size", "intermediate_size")
                        .orElse("moe_intermediate_size")));
        if (hasExperts) {
            keys.uint32(".expert_count", config.integer("n_routed_experts"));
        }
        keys.uint32(".expert_shared_count", config.integer("n_shared_experts", 0));
        if (config.has("routed_scaling_factor")) {
            keys.float32(".expert_weights_scale", config.number("routed_scaling_factor"));
        }
        if (config.flag("norm_topk_prob", false)) {
            keys.flag(".expert_weights_norm", true);
        }
        keys.uint32(".rope.dimension_count", rotated);
        if (rope.has("mscale_all_dim")) {
            keys.float32(".rope.scaling.yarn_log_multiplier", 0.1 * rope.number("mscale_all_dim"));
        }
    }
}
