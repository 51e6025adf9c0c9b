package dev.skald.runtime.convert;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Maps tensor names. Source: {@code tensor_mapping.py} of gguf-py. The names are without the suffix {@code .weight} or
 * {@code .bias}; names within layers are without the part that contains the layer number.
 */
final class Names {
    private static final Pattern LAYER =
            Pattern.compile("(?:model\\.|encoder\\.|transformer\\.)?(?:layers?|h)\\.(\\d+)\\.(.+)");

    private static final Map<String, String> COMMON = Map.ofEntries(
            Map.entry("model.embed_tokens", "token_embd"),
            Map.entry("model.norm", "output_norm"),
            Map.entry("lm_head", "output"));

    private static final Map<String, String> COMMON_OF_LAYER = Map.ofEntries(
            Map.entry("input_layernorm", "attn_norm"),
            Map.entry("self_attn.q_proj", "attn_q"),
            Map.entry("self_attn.k_proj", "attn_k"),
            Map.entry("self_attn.v_proj", "attn_v"),
            Map.entry("self_attn.o_proj", "attn_output"),
            Map.entry("self_attn.qkv_proj", "attn_qkv"),
            Map.entry("self_attn.q_norm", "attn_q_norm"),
            Map.entry("self_attn.k_norm", "attn_k_norm"),
            Map.entry("self_attn.sinks", "attn_sinks"),
            Map.entry("post_attention_layernorm", "ffn_norm"),
            Map.entry("pre_feedforward_layernorm", "ffn_norm"),
            Map.entry("post_feedforward_layernorm", "post_ffw_norm"),
            Map.entry("mlp.gate_proj", "ffn_gate"),
            Map.entry("mlp.up_proj", "ffn_up"),
            Map.entry("mlp.gate_up_proj", "ffn_up"),
            Map.entry("mlp.down_proj", "ffn_down"),
            Map.entry("mlp.gate", "ffn_gate_inp"),
            Map.entry("mlp.router", "ffn_gate_inp"),
            Map.entry("mlp.experts.gate_proj", "ffn_gate_exps"),
            Map.entry("mlp.experts.up_proj", "ffn_up_exps"),
            Map.entry("mlp.experts.down_proj", "ffn_down_exps"),
            Map.entry("mlp.shared_expert.gate_proj", "ffn_gate_shexp"),
            Map.entry("mlp.shared_expert.up_proj", "ffn_up_shexp"),
            Map.entry("mlp.shared_expert.down_proj", "ffn_down_shexp"),
            Map.entry("mlp.shared_expert_gate", "ffn_gate_inp_shexp"),
            Map.entry("mlp.shared_experts.gate_proj", "ffn_gate_shexp"),
            Map.entry("mlp.shared_experts.up_proj", "ffn_up_shexp"),
            Map.entry("mlp.shared_experts.down_proj", "ffn_down_shexp"),
            Map.entry("block_sparse_moe.gate", "ffn_gate_inp"),
            Map.entry("block_sparse_moe.experts.w1", "ffn_gate_exps"),
            Map.entry("block_sparse_moe.experts.w2", "ffn_down_exps"),
            Map.entry("block_sparse_moe.experts.w3", "ffn_up_exps"));

    private final Map<String, String> own = new HashMap<>(COMMON);
    private final Map<String, String> ownOfLayer = new HashMap<>(COMMON_OF_LAYER);

    /** Returns the layer of a name; -1 if it is outside of layers. */
    static int layer(String name) {
        Matcher matcher = LAYER.matcher(name);
        return matcher.matches() && matcher.group(1).length() < 6 ? Integer.parseInt(matcher.group(1)) : -1;
    }

    /** Adds or replaces a name outside of layers. */
    Names put(String original, String name) {
        own.put(original, name);
        return this;
    }

    /** Adds or replaces a name within each layer. */
    Names putInLayer(String original, String name) {
        ownOfLayer.put(original, name);
        return this;
    }

    /** Returns the new name of a tensor. */
    Optional<String> of(String original) {
        Matcher whole = LAYER.matcher(original);
        if (whole.matches() && ownOfLayer.containsKey(whole.group(2))) {
            return Optional.of("blk." + Integer.parseInt(whole.group(1)) + "." + ownOfLayer.get(whole.group(2)));
        }
        for (String suffix : new String[] {".weight", ".bias"}) {
            if (original.endsWith(suffix)) {
                String bare = original.substring(0, original.length() - suffix.length());
                Matcher matcher = LAYER.matcher(bare);
                if (own.containsKey(bare)) {
                    return Optional.of(own.get(bare) + suffix);
                }
                return matcher.matches() && ownOfLayer.containsKey(matcher.group(2))
                        ? Optional.of("blk." + Integer.parseInt(matcher.group(1)) + "."
                                + ownOfLayer.get(matcher.group(2)) + suffix)
                        : Optional.empty();
            }
        }
        return Optional.empty();
    }
}
