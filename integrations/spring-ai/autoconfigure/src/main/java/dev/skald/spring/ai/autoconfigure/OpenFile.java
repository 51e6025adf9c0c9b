package dev.skald.spring.ai.autoconfigure;

import dev.skald.runtime.Model;

/**
 * A model for one purpose. The wrapper keeps it from being injected where the application needs the chat model.
 *
 * @param model the model, which is closed together with this object
 */
record OpenFile(Model model) implements AutoCloseable {
    @Override
    public void close() {
        model.close();
    }
}
