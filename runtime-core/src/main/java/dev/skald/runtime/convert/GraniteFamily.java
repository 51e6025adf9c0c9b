package dev.skald.runtime.convert;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Granite: Llama with scale factors. In its variants with experts, gate and up projections share one matrix. */
final class GraniteFamily extends LlamaFamily {
    GraniteFamily(Source source) {
        super(source);
        config = config.with("head_dim", null);
        names.putInLayer("block_sparse_moe.router.layer", "ffn_gate_inp")
                .putInLayer("block_sparse_moe.output_linear", "ffn_down_exps")
                .putInLayer("shared_mlp.output_linear", hasExperts() ? "ffn_down_shexp" : "ffn_down");
    }

    private boolean hasExperts() {
        return config.integer("num_local_experts", 0) > 0;
    }

    @Override
    Optional<String> filter(String name) {
        return name.startsWith("encoder.")
                        || name.contains("image_")
                        || name.contains("layerwise_projectors")
                        || name.contains("spatial_projectors")
                ? Optional.empty()
                : super.filter(name);
    }

    @Override
    void tensor(String name, int layer, Weight weight) throws IOException {
        if (name.endsWith("block_sparse_moe.input_linear.weight")) {
            halves(layer, "_exps.weight", weight, config.size("intermediate_size"));
        } else if (name.endsWith("shared_mlp.input_linear.weight")) {
            halves(layer, hasExperts() ? "_shexp.weight" : ".weight", weight, config.size("shared_intermediate_size"));
        } else {
            super.tensor(name, layer, weight);
        }
    }

    private void halves(int layer, String suffix, Weight weight, long rows) {
        List<Long> shape = weight.shape();
        if (shape.size() < 2 || shape.get(shape.size() - 2) != 2 * rows) {
            throw weight.error("it should have twice " + rows + " rows");
        }
        add("blk." + layer + ".ffn_gate" + suffix, weight.rowsOf(0, rows, 1));
        add("blk." + layer + ".ffn_up" + suffix, weight.rowsOf(rows, rows, 1));
    }

    @Override
    void keys(Keys keys) throws IOException {
        super.keys(keys);
        factor(keys, ".attention.scale", "attention_multiplier");
        factor(keys, ".embedding_scale", "embedding_multiplier");
        factor(keys, ".residual_scale", "residual_multiplier");
        factor(keys, ".logit_scale", "logits_scaling");
        int shared = config.integer("shared_intermediate_size", 0);
        if (shared > 0) {
            keys.uint32(".expert_shared_feed_forward_length", shared);
        }
    }

    private void factor(Keys keys, String key, String name) {
        double factor = config.number(name, 0);
        if (factor != 0) {
            keys.float32(key, factor);
        }
    }
}
