package dev.skald.runtime.convert;

import java.io.IOException;
import java.util.List;

/** OLMo 2 and 3. Norms follow the parts of a layer instead of preceding them. */
final class Olmo2Family extends Family {
    Olmo2Family(Source source) {
        super(source);
        names.putInLayer("post_attention_layernorm", "post_attention_norm");
    }

    @Override
    void keys(Keys keys) throws IOException {
        super.keys(keys);
        if (!config.has("sliding_window")) {
            return;
        }
        keys.uint32(".attention.sliding_window", config.integer("sliding_window"));
        List<String> types = config.strings("layer_types");
        boolean[] local = new boolean[types.isEmpty() ? layers() : types.size()];
        for (int i = 0; i < local.length; i++) {
            local[i] = types.isEmpty() ? (i + 1) % 4 != 0 : types.get(i).equals("sliding_attention");
        }
        keys.flags(".attention.sliding_window_pattern", local);
    }
}
