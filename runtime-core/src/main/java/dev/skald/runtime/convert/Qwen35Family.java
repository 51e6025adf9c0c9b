package dev.skald.runtime.convert;

import java.io.IOException;
import java.util.Optional;
import java.util.function.LongUnaryOperator;

/**
 * Qwen 3.5. Most of its layers are linear attention. Several value heads share a key head. In the original, those that
 * share one are adjacent; in GGUF, the first value heads of all key heads come first.
 */
final class Qwen35Family extends QwenFamily {
    private static final int[] SECTIONS = {11, 11, 10, 0};

    private final int keyHeads;
    private final int valueHeads;
    private final int keyWidth;
    private final int valueWidth;

    Qwen35Family(Source source) {
        super(source);
        keyHeads = config.size("linear_num_key_heads");
        valueHeads = config.size("linear_num_value_heads");
        keyWidth = config.size("linear_key_head_dim");
        valueWidth = config.size("linear_value_head_dim");
        if (valueHeads % keyHeads != 0) {
            throw config.wrong(
                    "linear_num_value_heads", valueHeads, "a multiple of the " + keyHeads + " heads of keys");
        }
        names.putInLayer("post_attention_layernorm", "post_attention_norm")
                .putInLayer("linear_attn.in_proj_qkv", "attn_qkv")
                .putInLayer("linear_attn.in_proj_z", "attn_gate")
                .putInLayer("linear_attn.in_proj_a", "ssm_alpha")
                .putInLayer("linear_attn.in_proj_b", "ssm_beta")
                .putInLayer("linear_attn.conv1d", "ssm_conv1d")
                .putInLayer("linear_attn.dt_proj", "ssm_dt")
                .putInLayer("linear_attn.A_log", "ssm_a")
                .putInLayer("linear_attn.norm", "ssm_norm")
                .putInLayer("linear_attn.out_proj", "ssm_out")
                .putInLayer("eh_proj", "nextn.eh_proj")
                .putInLayer("enorm", "nextn.enorm")
                .putInLayer("hnorm", "nextn.hnorm")
                .putInLayer("shared_head.norm", "nextn.shared_head_norm");
    }

    /** Returns the number of layers that predict further tokens. They follow the other layers. */
    private int predictors() {
        return config.integer("mtp_num_hidden_layers", 0);
    }

    private int ownLayers() {
        return super.layers();
    }

    @Override
    int layers() {
        return super.layers() + predictors();
    }

    @Override
    Optional<String> filter(String name) {
        return super.filter(name).flatMap(kept -> {
            String bare = kept.startsWith("model.mtp.") ? kept.substring("model.".length()) : kept;
            if (!bare.startsWith("mtp.")) {
                return Optional.of(bare);
            }
            if (predictors() == 0) {
                return Optional.empty();
            }
            String[] parts = bare.split("\\.", 4);
            if (parts.length == 4 && parts[1].equals("layers") && parts[2].matches("\\d{1,4}")) {
                return Optional.of("model.layers." + (ownLayers() + Integer.parseInt(parts[2])) + "." + parts[3]);
            }
            String renamed = switch (parts.length == 3 ? parts[1] : "") {
                case "fc" -> "eh_proj";
                case "pre_fc_norm_embedding" -> "enorm";
                case "pre_fc_norm_hidden" -> "hnorm";
                case "norm" -> "shared_head.norm";
                default -> null;
            };
            return Optional.of(renamed == null ? bare : "model.layers." + ownLayers() + "." + renamed + "." + parts[2]);
        });
    }

    @Override
    void tensor(String name, int layer, Weight weight) throws IOException {
        String part = name.substring(name.lastIndexOf("linear_attn.") < 0 ? 0 : name.lastIndexOf("linear_attn."));
        long keys = 2L * keyHeads * keyWidth;
        switch (part) {
            case "linear_attn.A_log" ->
                add(mapped(name), reorderedVector(weight).mapped(x -> -(float) Math.exp(x)));
            case "linear_attn.dt_bias" ->
                add(mapped(name.replace(".dt_bias", ".dt_proj.bias")), reorderedVector(weight));
            case "linear_attn.in_proj_qkv.weight" -> add(mapped(name), rows(weight, keys, valueWidth));
            case "linear_attn.in_proj_z.weight" -> add(mapped(name), rows(weight, 0, valueWidth));
            case "linear_attn.in_proj_a.weight", "linear_attn.in_proj_b.weight" ->
                add(mapped(name), rows(weight, 0, 1));
            case "linear_attn.conv1d.weight" -> add(mapped(name), rows(weight.squeezed(), keys, valueWidth));
            case "linear_attn.out_proj.weight" -> {
                int width = checked(weight, weight.columns(), 0, valueWidth);
                LongUnaryOperator places = places(0, valueWidth);
                add(mapped(name), weight.columnsOf(width, column -> (int) places.applyAsLong(column)));
            }
            default -> {
                boolean shifted = name.endsWith("norm.weight") && !name.endsWith("linear_attn.norm.weight");
                super.tensor(name, layer, shifted ? weight.mapped(x -> (float) x + 1) : weight);
            }
        }
    }

    private int checked(Weight weight, long found, long before, int head) {
        if (found != before + (long) valueHeads * head) {
            throw weight.error("it should have " + (before + (long) valueHeads * head) + " rows or columns for "
                    + valueHeads + " heads of values");
        }
        return Math.toIntExact(found);
    }

    /**
     * Returns the original row of each new row. Rows before the values stay in place; value rows are ordered by their
     * number within a key head.
     */
    private LongUnaryOperator places(long before, int head) {
        int perKey = valueHeads / keyHeads;
        return place -> {
            if (place < before) {
                return place;
            }
            long within = (place - before) % head;
            long target = (place - before) / head;
            return before + (target % keyHeads * perKey + target / keyHeads) * head + within;
        };
    }

    private Weight rows(Weight weight, long before, int head) {
        checked(weight, weight.rows(), before, head);
        return weight.reordered(weight.shape(), places(before, head));
    }

    private Weight reorderedVector(Weight weight) {
        LongUnaryOperator places = places(0, 1);
        return weight.columnsOf(checked(weight, weight.columns(), 0, 1), column -> (int) places.applyAsLong(column));
    }

    @Override
    void keys(Keys keys) throws IOException {
        super.keys(keys);
        keys.uint32(".ssm.conv_kernel", config.integer("linear_conv_kernel_dim"));
        keys.uint32(".ssm.state_size", keyWidth);
        keys.uint32(".ssm.group_count", keyHeads);
        keys.uint32(".ssm.time_step_rank", valueHeads);
        keys.uint32(".ssm.inner_size", (long) valueWidth * valueHeads);
        keys.uint32(".full_attention_interval", config.integer("full_attention_interval", 4));
        keys.uint32(".rope.dimension_count", (int) (headWidth() * rope.number("partial_rotary_factor", 0.25)));
        if (predictors() > 0) {
            keys.uint32(".nextn_predict_layers", predictors());
        }
        if (!rope.has("mrope_section")) {
            keys.integers(".rope.dimension_sections", SECTIONS);
        }
    }

    @Override
    void vocabulary(Keys keys, Vocabularies vocabularies) throws IOException {
        vocabularies.bytePairs();
    }
}
