package dev.skald.runtime.convert;

import dev.skald.runtime.error.UnsupportedModelException;
import java.io.IOException;

/** GLM 4. It has norms around both parts of a layer, and rotates half of each head. */
final class Glm4Family extends Family {
    Glm4Family(Source source) {
        super(source);
        names.putInLayer("post_self_attn_layernorm", "post_attention_norm")
                .putInLayer("post_mlp_layernorm", "post_ffw_norm");
        if (rope.has("mrope_section")) {
            throw new UnsupportedModelException(rope.place()
                    + ": has positions in three dimensions (mrope_section), which are for models that see");
        }
    }

    @Override
    void keys(Keys keys) throws IOException {
        super.keys(keys);
        keys.uint32(".rope.dimension_count", (int) (headWidth() * rope.number("partial_rotary_factor", 0.5)));
    }

    @Override
    void vocabulary(Keys keys, Vocabularies vocabularies) throws IOException {
        TokenizerJson tokenizer = vocabularies.tokenizer();
        SpecialTokens special = vocabularies.special(Long.MAX_VALUE, true);
        special.set("eos", tokenizer.id("<|endoftext|>"));
        special.set("eot", tokenizer.id("<|user|>"));
        special.set("unk", tokenizer.id("<|endoftext|>"));
        special.set("bos", tokenizer.id("<|endoftext|>"));
        vocabularies.bytePairs(tokenizer, special);
    }
}
