package dev.skald.runtime.generate;

/** Why a generation ended. */
public enum FinishReason {
    /** The model said that its text ends here. */
    END,
    /** A stop string came up. */
    STOP,
    /** As many tokens as were asked for. */
    MAX_TOKENS,
    /** The context is full. */
    CONTEXT_FULL,
    /** Cancelled, closed or interrupted. */
    CANCELLED
}
