package dev.skald.runtime.convert;

import dev.skald.runtime.error.UnsupportedModelException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** BERT and its relatives: RoBERTa, nomic-embed-text and jina-embeddings-v2. */
final class BertFamily extends Family {
    private final String architecture;
    private final boolean roberta;
    private final boolean xlm;
    private final int positionsBefore;
    private final List<String> labels = new ArrayList<>();

    BertFamily(Source source) {
        super(source);
        architecture = source.architecture();
        xlm = source.original().startsWith("XLMRoberta");
        roberta = xlm || source.original().startsWith("Roberta");
        // Positions begin after the position of the padding token.
        positionsBefore = roberta && config.has("pad_token_id") ? config.integer("pad_token_id") + 1 : 0;
        if (positionsBefore > 0 && config.has("max_position_embeddings")) {
            config =
                    config.with("max_position_embeddings", config.integer("max_position_embeddings") - positionsBefore);
        }
        config.maybeObject("id2label").ifPresent(map -> {
            Map<String, Object> sorted = new TreeMap<>(map.values());
            boolean dummy = sorted.size() == 2 && "LABEL_0".equals(sorted.get("0"));
            if (!dummy) {
                sorted.values().forEach(label -> labels.add(String.valueOf(label)));
            }
        });
        if (architecture.equals("nomic-bert")) {
            checkNomic();
        }
        names.put("embeddings.word_embeddings", "token_embd")
                .put("embeddings.token_type_embeddings", "token_types")
                .put("embeddings.position_embeddings", "position_embd")
                .put("embeddings.LayerNorm", "token_embd_norm")
                .put("emb_ln", "token_embd_norm")
                .put("classifier", "cls")
                .put("classifier.dense", "cls")
                .put("classifier.out_proj", "cls.output")
                .putInLayer("attention.self.query", "attn_q")
                .putInLayer("attention.self.key", "attn_k")
                .putInLayer("attention.self.value", "attn_v")
                .putInLayer("attention.self.layer_norm_q", "attn_q_norm")
                .putInLayer("attention.self.layer_norm_k", "attn_k_norm")
                .putInLayer("attention.output.dense", "attn_output")
                .putInLayer("attention.output.LayerNorm", "attn_output_norm")
                .putInLayer("intermediate.dense", "ffn_up")
                .putInLayer("output.dense", "ffn_down")
                .putInLayer("output.LayerNorm", "layer_output_norm")
                .putInLayer("layer_norm_1", "attn_norm_2")
                .putInLayer("layer_norm_2", "layer_output_norm")
                .putInLayer("attn.Wqkv", "attn_qkv")
                .putInLayer("attn.out_proj", "attn_output")
                .putInLayer("norm1", "attn_output_norm")
                .putInLayer("norm2", "layer_output_norm")
                .putInLayer("mlp.fc11", "ffn_up")
                .putInLayer("mlp.fc12", "ffn_gate")
                .putInLayer("mlp.fc2", "ffn_down")
                .putInLayer("mlp.gated_layers_v", "ffn_up")
                .putInLayer("mlp.gated_layers_w", "ffn_gate")
                .putInLayer("mlp.gated_layers", "ffn_up")
                .putInLayer("mlp.up_gated_layer", "ffn_up")
                .putInLayer("mlp.wo", "ffn_down")
                .putInLayer("mlp.down_layer", "ffn_down")
                .putInLayer("mlp.layernorm", "layer_output_norm");
    }

    /** Checks the properties that Skald's own forward pass relies on. */
    private void checkNomic() {
        if (config.integer("moe_every_n_layers", 0) > 0) {
            throw new UnsupportedModelException(config.place() + ": nomic-bert with experts cannot be converted");
        }
        int positions = config.integer("n_positions");
        int trained = config.integer("max_trained_positions", 2048);
        if (trained != 2048 || positions != 8192 && positions != 2048) {
            throw config.wrong("n_positions", positions, "8192 or 2048, with 2048 positions trained");
        }
        config = config.with("n_positions", positions == 8192 ? 2048 : 512);
        if (config.flag("prenorm", false)
                || config.flag("qkv_proj_bias", false)
                || config.flag("rotary_emb_interleaved", false)
                || config.number("rotary_emb_fraction", 1) != 1) {
            throw new UnsupportedModelException(config.place()
                    + ": prenorm, qkv_proj_bias, rotary_emb_interleaved or rotary_emb_fraction differ from"
                    + " nomic-embed-text's");
        }
    }

    @Override
    Optional<String> filter(String name) {
        String bare = name;
        for (String prefix : List.of("roberta.", "bert.")) {
            bare = bare.startsWith(prefix) ? bare.substring(prefix.length()) : bare;
        }
        if (bare.endsWith(".gamma")) {
            bare = bare.substring(0, bare.length() - 6) + ".weight";
        }
        if (bare.endsWith(".beta")) {
            bare = bare.substring(0, bare.length() - 5) + ".bias";
        }
        boolean unused = bare.equals("embeddings.position_ids")
                || bare.startsWith("pooler.dense.")
                || bare.startsWith("cls.predictions")
                || bare.startsWith("cls.seq_relationship")
                || roberta && bare.startsWith("lm_head.");
        return unused ? Optional.empty() : super.filter(bare);
    }

    @Override
    void tensor(String name, int layer, Weight weight) throws IOException {
        if (name.equals("embeddings.position_embeddings.weight") && positionsBefore > 0) {
            super.tensor(name, layer, weight.rowsOf(positionsBefore, weight.rows() - positionsBefore, 1));
        } else if (!labels.isEmpty() && name.matches("classifier\\.(weight|bias)")) {
            super.tensor(name.replace("classifier.", "classifier.out_proj."), layer, weight);
        } else {
            super.tensor(name, layer, weight);
        }
    }

    @Override
    void keys(Keys keys) throws IOException {
        super.keys(keys);
        keys.flag(".attention.causal", false);
        pooling(keys);
        keys.texts(".classifier.output_labels", labels);
    }

    @Override
    void vocabulary(Keys keys, Vocabularies vocabularies) throws IOException {
        String type = folder.json("tokenizer.json")
                .flatMap(json -> json.object("model").string("type"))
                .orElse("");
        if (xlm || architecture.equals("nomic-bert") && type.equals("Unigram")) {
            vocabularies.unigram();
        } else if (type.equals("BPE")) {
            vocabularies.bytePairs();
            keys.uint32(
                    "tokenizer.ggml.token_type_count",
                    architecture.equals("jina-bert-v2") ? 2 : config.integer("type_vocab_size", 1));
        } else {
            vocabularies.wordPiece();
        }
    }
}
