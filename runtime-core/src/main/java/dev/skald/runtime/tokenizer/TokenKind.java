package dev.skald.runtime.tokenizer;

/** The kind of a token: the constants of GGUF's {@code tokenizer.ggml.token_type}. */
public enum TokenKind {
    /** A piece of text. */
    NORMAL,
    /** Stands for text that the vocabulary cannot express. */
    UNKNOWN,
    /** A mark between texts, such as the beginning of a text or the end of a turn; never a part of the text itself. */
    CONTROL,
    /** A piece of text that is always one token, found before anything else is split. */
    USER_DEFINED,
    /** A place that is kept free; read as a piece of text. */
    UNUSED,
    /** One byte, for text that has no piece of its own. */
    BYTE
}
