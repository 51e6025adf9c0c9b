package dev.skald.runtime.convert;

import java.io.IOException;

/** Llama and its relatives. Their rotary pairs are adjacent values in GGUF, and halves of the head in the original. */
class LlamaFamily extends Family {
    private final boolean bare;

    LlamaFamily(Source source) {
        super(source);
        bare = source.original().equals("LlamaModel");
    }

    @Override
    void tensor(String name, int layer, Weight weight) throws IOException {
        String full = bare ? "model." + name : name;
        super.tensor(full, Names.layer(full), adjacentIfRotated(name, weight));
    }

    final Weight adjacentIfRotated(String name, Weight weight) {
        if (name.endsWith("q_proj.weight") || name.endsWith("q_proj.bias")) {
            return adjacent(weight, heads());
        }
        if (name.endsWith("k_proj.weight") || name.endsWith("k_proj.bias")) {
            return adjacent(weight, kvHeads());
        }
        return weight;
    }

    @Override
    void extra() throws IOException {
        llama3Factors(8);
    }

    @Override
    void keys(Keys keys) throws IOException {
        super.keys(keys);
        keys.uint32(".vocab_size", config.size("vocab_size"));
        keys.uint32(".rope.dimension_count", headWidth());
    }

    @Override
    void vocabulary(Keys keys, Vocabularies vocabularies) throws IOException {
        folder.json("tokenizer_config.json")
                .filter(json -> json.has("add_prefix_space"))
                .ifPresent(json -> keys.flag("tokenizer.ggml.add_space_prefix", json.flag("add_prefix_space", true)));
        if (vocabularies.hasSentencePiece()) {
            vocabularies.sentencePiece();
        } else if (vocabularies.hasCharacterBpe()) {
            vocabularies.characterBpe();
        } else {
            vocabularies.bytePairs();
        }
        int size = config.integer("vocab_size", 32_000);
        if (size == 32_016) {
            // This is for CodeLlama.
            keys.uint32("tokenizer.ggml.eot_token_id", 32_010);
        }
        if (size == 49_152) {
            // This is for Granite's small code models.
            keys.flag("tokenizer.ggml.add_bos_token", false);
        }
    }
}
