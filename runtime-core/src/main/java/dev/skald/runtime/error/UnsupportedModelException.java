package dev.skald.runtime.error;

import dev.skald.gguf.io.Printable;

/**
 * A model is sound, but needs something that Skald does not have: an architecture, a tensor type, a tokenizer. The
 * message names what is unsupported, what is supported, and the way out.
 */
public final class UnsupportedModelException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /**
     * A model that cannot be run.
     *
     * @param message what is unsupported, what is supported, and the way out
     */
    public UnsupportedModelException(String message) {
        super(Printable.line(message));
    }
}
