package dev.skald.runtime.error;

import dev.skald.gguf.io.Printable;

/**
 * Thrown if a model's file is valid but needs something that Skald does not have, such as an architecture, a tensor
 * type or a tokenizer. The message names what is unsupported, what is supported, and what to do.
 */
public final class UnsupportedModelException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /**
     * Creates the exception.
     *
     * @param message what is unsupported, what is supported, and what to do
     */
    public UnsupportedModelException(String message) {
        super(Printable.line(message));
    }
}
