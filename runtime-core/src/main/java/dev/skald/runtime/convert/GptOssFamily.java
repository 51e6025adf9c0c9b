package dev.skald.runtime.convert;

import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/** gpt-oss. Its experts are blocks of four-bit floats, with gate and up in alternating rows. */
final class GptOssFamily extends Family {
    GptOssFamily(Source source) {
        super(source);
        names.putInLayer("post_attention_layernorm", "post_attention_norm");
    }

    @Override
    Optional<String> filter(String name) {
        return super.filter(name.contains("sinks") ? name + ".weight" : name);
    }

    private static String blocksOf(String scales) {
        return scales.replace("_scales", "_blocks");
    }

    @Override
    void extra() throws IOException {
        Map<String, Checkpoint.Place> places = filtered();
        for (Map.Entry<String, Checkpoint.Place> entry : places.entrySet()) {
            String name = entry.getKey();
            if (name.endsWith("mlp.experts.down_proj_scales")) {
                Weight scales = entry.getValue().bytes();
                Weight blocks = blocks(places, name);
                add(mapped(name.replace("_scales", ".weight")), Weight.mxfp4(blocks, scales));
            } else if (name.endsWith("mlp.experts.gate_up_proj_scales")) {
                Weight scales = entry.getValue().bytes();
                Weight blocks = blocks(places, name);
                add(mapped(name.replace("gate_up_proj_scales", "gate_proj.weight")), half(blocks, scales, 0));
                add(mapped(name.replace("gate_up_proj_scales", "up_proj.weight")), half(blocks, scales, 1));
            }
        }
    }

    private static Weight blocks(Map<String, Checkpoint.Place> places, String scales) {
        Checkpoint.Place place = places.get(blocksOf(scales));
        if (place == null) {
            throw places.get(scales).weight().error("there is no tensor '" + blocksOf(scales) + "' that it scales");
        }
        return place.bytes();
    }

    private static Weight half(Weight blocks, Weight scales, int first) {
        Weight whole = Weight.mxfp4(blocks, scales);
        long rows = whole.shape().get(whole.dimensions() - 2) / 2;
        return whole.rowsOf(first, rows, 2);
    }

    @Override
    void tensor(String name, int layer, Weight weight) throws IOException {
        if (name.endsWith("_proj_blocks") || name.endsWith("_proj_scales")) {
            return;
        }
        boolean bias = name.endsWith("_proj_bias");
        if (name.contains("experts.gate_up_proj")) {
            String end = bias ? "gate_up_proj_bias" : "gate_up_proj";
            String suffix = bias ? ".bias" : ".weight";
            for (int i = 0; i < 2; i++) {
                int first = i;
                String part = i == 0 ? "gate_proj" : "up_proj";
                Weight half = bias
                        ? weight.columnsOf(Math.toIntExact(weight.columns() / 2), column -> 2 * column + first)
                        : weight.transposed().rowsOf(first, weight.columns() / 2, 2);
                add(mapped(name.replace(end, part + suffix)), half);
            }
        } else if (name.contains("experts.down_proj")) {
            String newName = bias ? name.replace("down_proj_bias", "down_proj.bias") : name + ".weight";
            add(mapped(newName), bias ? weight : weight.transposed());
        } else {
            super.tensor(name, layer, weight);
        }
    }

    @Override
    void keys(Keys keys) throws IOException {
        super.keys(keys);
        keys.uint32(".attention.sliding_window", config.integer("sliding_window"));
        keys.uint32(".expert_feed_forward_length", config.integer("intermediate_size"));
    }
}
