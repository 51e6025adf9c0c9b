package dev.skald.runtime.generate;

/** Why a generation ended. */
public enum FinishReason {
    /** The model generated a token that ends the text. */
    END,
    /** A stop string was generated. */
    STOP,
    /** The maximum number of tokens was generated. */
    MAX_TOKENS,
    /** The context is full. */
    CONTEXT_FULL,
    /** The generation was cancelled, closed or interrupted. */
    CANCELLED
}
