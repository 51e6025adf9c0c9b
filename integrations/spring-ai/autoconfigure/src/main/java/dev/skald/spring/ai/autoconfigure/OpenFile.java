package dev.skald.spring.ai.autoconfigure;

import dev.skald.runtime.Model;

/**
 * A model for one purpose, so that it is no candidate where the application wants the model that chats.
 *
 * @param model closed with this
 */
record OpenFile(Model model) implements AutoCloseable {
    @Override
    public void close() {
        model.close();
    }
}
