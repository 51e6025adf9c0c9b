package dev.skald.runtime.convert;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** LFM2. Most of its layers are short convolutions. */
final class Lfm2Family extends Family {
    Lfm2Family(Source source) {
        super(source);
        names.put("model.embedding_norm", "token_embd_norm")
                .putInLayer("operator_norm", "attn_norm")
                .putInLayer("ffn_norm", "ffn_norm")
                .putInLayer("self_attn.out_proj", "attn_output")
                .putInLayer("self_attn.q_layernorm", "attn_q_norm")
                .putInLayer("self_attn.k_layernorm", "attn_k_norm")
                .putInLayer("feed_forward.w1", "ffn_gate")
                .putInLayer("feed_forward.w2", "ffn_down")
                .putInLayer("feed_forward.w3", "ffn_up")
                .putInLayer("conv.conv", "shortconv.conv")
                .putInLayer("conv.in_proj", "shortconv.in_proj")
                .putInLayer("conv.out_proj", "shortconv.out_proj");
    }

    @Override
    Optional<String> filter(String name) {
        return super.filter(name.replace("lfm.", "model."));
    }

    @Override
    void tensor(String name, int layer, Weight weight) throws IOException {
        super.tensor(name, layer, name.contains("conv.conv") ? weight.squeezed() : weight);
    }

    @Override
    void kvHeadKeys(Keys keys) {
        List<String> types = config.strings("layer_types");
        int[] heads = new int[types.size()];
        for (int i = 0; i < heads.length; i++) {
            heads[i] = types.get(i).equals("conv") ? 0 : config.integer("num_key_value_heads");
        }
        keys.integers(".attention.head_count_kv", heads);
    }

    @Override
    void keys(Keys keys) throws IOException {
        super.keys(keys);
        keys.uint32(".vocab_size", config.size("vocab_size"));
        keys.uint32(".shortconv.l_cache", config.integer("conv_L_cache"));
        keys.float32(".attention.layer_norm_rms_epsilon", config.number("norm_eps"));
        keys.uint32(".feed_forward_length", feedForward());
    }

    private long feedForward() {
        long width =
                config.size(config.first("block_ff_dim", "intermediate_size").orElse("intermediate_size"));
        if (!config.flag("block_auto_adjust_ff_dim", false)) {
            return width;
        }
        width = 2 * width / 3;
        if (config.has("block_ffn_dim_multiplier")) {
            width = (long) (config.number("block_ffn_dim_multiplier") * width);
        }
        int multiple = config.size("block_multiple_of");
        return Math.ceilDiv(width, multiple) * multiple;
    }
}
