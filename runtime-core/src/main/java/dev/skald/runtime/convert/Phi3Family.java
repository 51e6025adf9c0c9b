package dev.skald.runtime.convert;

import java.io.IOException;

/** Phi 3 and 4. Their long-context variants have a factor for each frequency. */
final class Phi3Family extends Family {
    Phi3Family(Source source) {
        super(source);
        if (!config.has("original_max_position_embeddings") && !rope.has("original_max_position_embeddings")) {
            throw config.wrong(
                    "original_max_position_embeddings", null, "the context that the model was first trained for");
        }
    }

    private int context() {
        return config.size(
                config.first("n_positions", "max_position_embeddings").orElse("max_position_embeddings"));
    }

    private int originalContext() {
        return rope.size("original_max_position_embeddings");
    }

    private int ropeWidth() {
        return (int) (rope.number("partial_rotary_factor", 1) * width()) / heads();
    }

    @Override
    void extra() {
        float[] longFactors = rope.floats("long_factor");
        float[] shortFactors = rope.floats("short_factor");
        if (longFactors.length == 0) {
            return;
        }
        if (longFactors.length != ropeWidth() / 2 || shortFactors.length != longFactors.length) {
            throw rope.wrong(
                    "long_factor",
                    longFactors.length + " numbers, and short_factor " + shortFactors.length,
                    ropeWidth() / 2 + " in each");
        }
        add("rope_factors_long.weight", Weight.of("rope_factors_long.weight", longFactors));
        add("rope_factors_short.weight", Weight.of("rope_factors_short.weight", shortFactors));
    }

    @Override
    void keys(Keys keys) {
        if (!rope.list("long_factor").isEmpty()) {
            keys.float32(".rope.scaling.attn_factor", attentionFactor());
        }
        keys.uint32(".context_length", context());
        keys.uint32(".rope.scaling.original_context_length", originalContext());
        keys.uint32(".embedding_length", width());
        keys.uint32(".feed_forward_length", config.integer("intermediate_size"));
        keys.uint32(".block_count", layers());
        keys.uint32(".attention.head_count", heads());
        keys.uint32(".attention.head_count_kv", kvHeads());
        keys.float32(".attention.layer_norm_rms_epsilon", config.number("rms_norm_eps"));
        keys.uint32(".rope.dimension_count", ropeWidth());
        keys.float32(".rope.freq_base", ropeOfAll().number("rope_theta"));
        keys.uint32(".attention.sliding_window", config.integer("sliding_window", 0));
    }

    private double attentionFactor() {
        double scale = (double) context() / originalContext();
        String type = rope.string("rope_type").orElse("");
        return switch (type) {
            case "su", "longrope" -> scale > 1 ? Math.sqrt(1 + Math.log(scale) / Math.log(originalContext())) : 1;
            case "yarn" -> scale > 1 ? 0.1 * Math.log(scale) + 1 : 1;
            default -> throw rope.wrong("rope_type", type, "longrope, su or yarn");
        };
    }

    @Override
    void vocabulary(Keys keys, Vocabularies vocabularies) throws IOException {
        boolean bytes = folder.json("tokenizer_config.json")
                .flatMap(json -> json.string("tokenizer_class"))
                .filter(name -> name.startsWith("GPT2Tokenizer"))
                .isPresent();
        if (bytes) {
            vocabularies.bytePairs();
        } else {
            vocabularies.phi3();
        }
    }
}
