package dev.skald.runtime.convert;

/** StarCoder 2. */
final class StarCoder2Family extends Family {
    StarCoder2Family(Source source) {
        super(source);
        names.putInLayer("mlp.c_fc", "ffn_up").putInLayer("mlp.c_proj", "ffn_down");
    }
}
