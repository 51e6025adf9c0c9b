package dev.skald.runtime.convert;

import java.io.IOException;
import java.math.BigDecimal;
import java.util.Map;
import java.util.Optional;

/** Gemma 1 to 3. Their norms multiply by the stored weight plus one. */
final class GemmaFamily extends Family {
    private final String architecture;

    GemmaFamily(Source source) {
        super(source);
        architecture = source.architecture();
        if (!architecture.equals("gemma")) {
            names.putInLayer("post_attention_layernorm", "post_attention_norm");
        }
        if (architecture.equals("gemma-embedding")) {
            names.put("embed_tokens", "token_embd").put("norm", "output_norm");
        }
        if (isThird()) {
            config = config.withDefaults(ofThird());
        }
    }

    private boolean isThird() {
        return architecture.equals("gemma3") || architecture.equals("gemma-embedding");
    }

    /** Returns the defaults of {@code Gemma3TextConfig}. The makers' files contain only the values that differ. */
    private static Map<String, Object> ofThird() {
        return Map.of(
                "vocab_size", BigDecimal.valueOf(262_208),
                "hidden_size", BigDecimal.valueOf(2304),
                "intermediate_size", BigDecimal.valueOf(9216),
                "num_hidden_layers", BigDecimal.valueOf(26),
                "num_attention_heads", BigDecimal.valueOf(8),
                "num_key_value_heads", BigDecimal.valueOf(4),
                "head_dim", BigDecimal.valueOf(256),
                "max_position_embeddings", BigDecimal.valueOf(131_072),
                "rms_norm_eps", new BigDecimal("1e-6"),
                "sliding_window", BigDecimal.valueOf(4096));
    }

    @Override
    Optional<String> filter(String name) {
        // The output matrix is tied to the embedding.
        return name.equals("lm_head.weight") && !isThird() ? Optional.empty() : super.filter(name);
    }

    @Override
    void tensor(String name, int layer, Weight weight) throws IOException {
        if (name.endsWith("norm.weight")) {
            super.tensor(name, layer, weight.mapped(x -> (float) x + 1));
        } else if (isThird() && name.contains("embed_tokens.weight")) {
            super.tensor(name, layer, known(weight));
        } else {
            super.tensor(name, layer, weight);
        }
    }

    /** Removes the rows that belong to no token. */
    private Weight known(Weight embedding) throws IOException {
        Vocabularies vocabularies = new Vocabularies(folder, config, null, null, this::note);
        long tokens =
                vocabularies.hasSentencePiece() ? vocabularies.sentencePieceSize() : vocabularies.characterBpeSize();
        return tokens < embedding.rows() ? embedding.rowsOf(0, tokens, 1) : embedding;
    }

    @Override
    void keys(Keys keys) throws IOException {
        if (isThird()) {
            keysOfThird(keys);
            return;
        }
        keys.uint32(".context_length", config.integer("max_position_embeddings"));
        keys.uint32(".embedding_length", width());
        keys.uint32(".block_count", layers());
        keys.uint32(".feed_forward_length", config.integer("intermediate_size"));
        keys.uint32(".attention.head_count", heads());
        keys.uint32(".attention.head_count_kv", kvHeads());
        keys.float32(".attention.layer_norm_rms_epsilon", config.number("rms_norm_eps"));
        keys.uint32(".attention.key_length", config.integer("head_dim"));
        keys.uint32(".attention.value_length", config.integer("head_dim"));
        if (architecture.equals("gemma2")) {
            keys.float32(".attn_logit_softcapping", config.number("attn_logit_softcapping"));
            keys.float32(".final_logit_softcapping", config.number("final_logit_softcapping"));
            keys.uint32(".attention.sliding_window", config.integer("sliding_window"));
        }
    }

    private void keysOfThird(Keys keys) throws IOException {
        super.keys(keys);
        if (config.has("attn_logit_softcapping")) {
            throw config.wrong(
                    "attn_logit_softcapping", config.values().get("attn_logit_softcapping"), "nothing in Gemma 3");
        }
        keys.float32(".rope.freq_base", ropeOfAll().number("rope_theta", 1_000_000));
        double cap = config.number("final_logit_softcapping", 0);
        if (cap != 0) {
            keys.float32(".final_logit_softcapping", cap);
        }
        if (config.integer("sliding_window_pattern", 6) != 1) {
            keys.uint32(".attention.sliding_window", config.integer("sliding_window"));
        }
        if (architecture.equals("gemma-embedding")) {
            pooling(keys);
        }
    }

    @Override
    void vocabulary(Keys keys, Vocabularies vocabularies) throws IOException {
        if (!isThird() || vocabularies.hasSentencePiece()) {
            vocabularies.sentencePiece();
        } else {
            vocabularies.characterBpe();
        }
        if (architecture.equals("gemma")) {
            // The token that ends a turn of a chat.
            keys.uint32("tokenizer.ggml.eot_token_id", 107);
        }
        keys.flag("tokenizer.ggml.add_space_prefix", false);
    }
}
