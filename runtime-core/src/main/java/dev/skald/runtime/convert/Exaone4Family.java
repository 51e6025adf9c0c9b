package dev.skald.runtime.convert;

import java.io.IOException;
import java.util.List;

/** EXAONE 4. */
final class Exaone4Family extends Family {
    Exaone4Family(Source source) {
        super(source);
        names.putInLayer("post_attention_layernorm", "post_attention_norm");
    }

    @Override
    void extra() {
        llama3Factors(16);
    }

    @Override
    void keys(Keys keys) throws IOException {
        super.keys(keys);
        keys.uint32(".vocab_size", config.size("vocab_size"));
        if (!config.has("sliding_window")) {
            return;
        }
        keys.uint32(".attention.sliding_window", config.integer("sliding_window"));
        List<String> types = config.strings("layer_types");
        Object pattern = config.values().get("sliding_window_pattern");
        boolean[] local = new boolean[layers()];
        for (int i = 0; i < local.length; i++) {
            if (!types.isEmpty()) {
                local[i] = i < types.size() && types.get(i).equals("sliding_attention");
            } else if (pattern instanceof String letters && !letters.isEmpty()) {
                local[i] = letters.charAt(i % letters.length()) == 'L';
            } else if (pattern instanceof Number) {
                local[i] = (i + 1) % config.size("sliding_window_pattern") != 0;
            } else {
                return;
            }
        }
        keys.flags(".attention.sliding_window_pattern", local);
    }
}
