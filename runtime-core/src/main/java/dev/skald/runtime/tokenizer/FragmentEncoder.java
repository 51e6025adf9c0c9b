package dev.skald.runtime.tokenizer;

/** Splits text that contains no special tokens. */
interface FragmentEncoder {
    /**
     * Adds the tokens of a text.
     *
     * @param text Unicode without lone surrogates, not empty
     * @param first whether the text begins here or follows a special token
     */
    void encode(String text, boolean first, IntList ids);

    /** Whether text at the beginning gets a space in front, which decoding removes again. */
    boolean prefixesSpace();

    /** Returns its kind, for people. */
    String description();
}
