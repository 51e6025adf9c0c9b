package dev.skald.runtime.convert;

import java.io.IOException;

/** Command R and its successor. Both parts of a layer work in parallel. */
final class CohereFamily extends Family {
    private final boolean second;

    CohereFamily(Source source) {
        super(source);
        second = source.architecture().equals("cohere2");
        if (!second && config.has("model_max_length")) {
            // The other key has a shorter context than the model was trained for.
            config = config.with("max_position_embeddings", config.values().get("model_max_length"));
        }
    }

    @Override
    void tensor(String name, int layer, Weight weight) throws IOException {
        if (second && name.endsWith(".bias")) {
            if (!weight.isZero()) {
                throw weight.error("it is not zero, and models of this kind have no biases");
            }
            return;
        }
        super.tensor(name, layer, weight);
    }

    @Override
    void keys(Keys keys) throws IOException {
        super.keys(keys);
        keys.float32(".logit_scale", config.number("logit_scale"));
        if (second) {
            keys.uint32(".attention.sliding_window", config.integer("sliding_window"));
            keys.uint32(".vocab_size", config.size("vocab_size"));
            keys.uint32(".rope.dimension_count", (int) (config.number("rotary_pct", 1) * (width() / heads())));
        }
        keys.text(".rope.scaling.type", "none");
    }
}
