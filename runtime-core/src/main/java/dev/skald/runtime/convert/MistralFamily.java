package dev.skald.runtime.convert;

import java.io.IOException;

/** Mistral 3. Its attention is scaled at distant positions. */
final class MistralFamily extends LlamaFamily {
    MistralFamily(Source source) {
        super(source);
    }

    @Override
    void keys(Keys keys) throws IOException {
        super.keys(keys);
        if (config.string("model_type").orElse("").equals("ministral3")) {
            keys.float32(".rope.scaling.yarn_log_multiplier", rope.number("mscale_all_dim"));
            keys.float32(".attention.temperature_scale", rope.number("llama_4_scaling_beta"));
        }
    }
}
