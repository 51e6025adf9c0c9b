package dev.skald.runtime.convert;

import java.io.IOException;
import java.util.List;
import java.util.Locale;

/** Qwen 2 and 3, with and without experts, and rerankers, of whose output only the rows for yes and no are kept. */
class QwenFamily extends Family {
    private static final String RERANK =
            "<|im_start|>system\nJudge whether the Document meets the requirements based on the"
                    + " Query and the Instruct provided. Note that the answer can only be \"yes\" or \"no\".<|im_end|>\n"
                    + "<|im_start|>user\n<Instruct>: Given a web search query, retrieve relevant passages that answer the query\n"
                    + "<Query>: {query}\n<Document>: {document}<|im_end|>\n"
                    + "<|im_start|>assistant\n<think>\n\n</think>\n\n";

    private final boolean bare;
    private final boolean hasExperts;
    private final boolean ranks;

    QwenFamily(Source source) {
        super(source);
        bare = source.original().equals("Qwen2Model") || source.original().equals("Qwen3Model");
        hasExperts = source.architecture().endsWith("moe");
        ranks = source.architecture().equals("qwen3")
                && (hint(folder.path().toAbsolutePath().normalize().getFileName())
                        || hint(config.string("_name_or_path").orElse("")));
    }

    private static boolean hint(Object name) {
        return String.valueOf(name).toLowerCase(Locale.ROOT).contains("qwen3-reranker");
    }

    @Override
    void tensor(String name, int layer, Weight weight) throws IOException {
        String full = bare && !name.startsWith("model.") ? "model." + name : name;
        String whole = full.endsWith(".weight") ? full.substring(0, full.length() - ".weight".length()) : full;
        if (whole.endsWith("mlp.experts.down_proj")) {
            add(mapped(whole + ".weight"), weight);
        } else if (whole.endsWith("mlp.experts.gate_up_proj")) {
            List<Long> shape = weight.shape();
            if (shape.size() != 3 || shape.get(1) % 2 != 0) {
                throw weight.error("it should have gates and ups of each expert");
            }
            long half = shape.get(1) / 2;
            add(mapped(whole.replace("gate_up_proj", "gate_proj") + ".weight"), weight.rowsOf(0, half, 1));
            add(mapped(whole.replace("gate_up_proj", "up_proj") + ".weight"), weight.rowsOf(half, half, 1));
        } else {
            boolean tied = config.flag("tie_word_embeddings", false);
            if (ranks && full.contains(tied ? "embed_tokens" : "lm_head")) {
                TokenizerJson tokenizer = TokenizerJson.read(folder);
                int yes = known(tokenizer, "yes");
                int no = known(tokenizer, "no");
                add("cls.output.weight", weight.reordered(List.of(2L, weight.columns()), row -> row == 0 ? yes : no));
                if (!tied) {
                    return;
                }
            }
            super.tensor(full, Names.layer(full), weight);
        }
    }

    private static int known(TokenizerJson tokenizer, String token) {
        int id = tokenizer.id(token);
        if (id < 0) {
            throw tokenizer.model().wrong("vocab", "without '" + token + "'", "a token that a reranker answers with");
        }
        return id;
    }

    @Override
    void keys(Keys keys) throws IOException {
        super.keys(keys);
        if (!hasExperts) {
            pooling(keys);
            if (ranks) {
                keys.uint32(".pooling_type", 4);
                keys.texts(".classifier.output_labels", List.of("yes", "no"));
                keys.text("tokenizer.chat_template.rerank", RERANK);
                keys.texts("tokenizer.chat_templates", List.of("rerank"));
            }
            return;
        }
        if (config.has("moe_intermediate_size")) {
            keys.uint32(".expert_feed_forward_length", config.integer("moe_intermediate_size"));
        }
        if (config.has("shared_expert_intermediate_size")) {
            keys.uint32(".expert_shared_feed_forward_length", config.integer("shared_expert_intermediate_size"));
        }
    }

    @Override
    void vocabulary(Keys keys, Vocabularies vocabularies) throws IOException {
        if (!hasExperts && vocabularies.hasSentencePiece()) {
            vocabularies.sentencePiece();
        } else {
            vocabularies.bytePairs();
        }
    }
}
