package dev.skald.runtime.convert;

import dev.skald.gguf.GgufFormatException;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** StableLM 2. Some variants have a norm for each head. */
final class StableLmFamily extends Family {
    private static final Pattern NORM = Pattern.compile("(.+\\.([qk])_layernorm)\\.norms\\.(\\d{1,5})\\.weight");

    private final Map<String, Map<Integer, Weight>> norms = new HashMap<>();

    StableLmFamily(Source source) {
        super(source);
        names.putInLayer("self_attn.q_layernorm", "attn_q_norm").putInLayer("self_attn.k_layernorm", "attn_k_norm");
    }

    @Override
    void tensor(String name, int layer, Weight weight) throws IOException {
        Matcher norm = NORM.matcher(name);
        if (!norm.matches()) {
            super.tensor(name, layer, weight);
            return;
        }
        int heads = norm.group(2).equals("q") ? heads() : kvHeads();
        Map<Integer, Weight> all = norms.computeIfAbsent(norm.group(1), key -> new TreeMap<>());
        int head = Integer.parseInt(norm.group(3));
        if (head >= heads) {
            throw new GgufFormatException(
                    folder.path() + ": tensor '" + name + "' is of head " + head + " of " + heads);
        }
        all.put(head, weight);
        if (all.size() == heads) {
            add(mapped(norm.group(1) + ".weight"), Weight.stacked(List.copyOf(all.values())));
        }
    }

    @Override
    void keys(Keys keys) {
        keys.uint32(".context_length", config.integer("max_position_embeddings"));
        keys.uint32(".embedding_length", width());
        keys.uint32(".block_count", layers());
        keys.uint32(".feed_forward_length", config.integer("intermediate_size"));
        keys.uint32(".rope.dimension_count", (int) (rope.number("partial_rotary_factor", 0.25) * (width() / heads())));
        keys.uint32(".attention.head_count", heads());
        keys.uint32(".attention.head_count_kv", kvHeads());
        keys.flag(".use_parallel_residual", config.flag("use_parallel_residual", true));
        keys.float32(
                ".attention.layer_norm_epsilon",
                config.number(config.first("layer_norm_eps", "norm_eps").orElse("layer_norm_eps")));
    }
}
