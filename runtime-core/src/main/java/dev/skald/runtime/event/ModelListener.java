package dev.skald.runtime.event;

import dev.skald.runtime.generate.GenerationResult;

/**
 * Receives events about a model's work, for metrics and logs. By default, every method does nothing. The threads that
 * do the work call the methods, several at a time. So a listener must be thread-safe and fast. An exception from a
 * listener is logged and otherwise ignored. Without a listener, nothing is counted or timed.
 *
 * <p>If a JFR recording is running, it receives the same events ({@code dev.skald.ModelOpen}, {@code dev.skald.Prompt},
 * {@code dev.skald.Generation}, {@code dev.skald.Batch}), with or without a listener.
 */
public interface ModelListener {
    /**
     * Called when a model has been opened.
     *
     * @param event what was opened, and how long it took
     */
    default void opened(ModelOpened event) {}

    /**
     * Called when a generation has computed its prompt, before its first token.
     *
     * @param event the number of tokens, and the duration
     */
    default void promptRead(PromptRead event) {}

    /**
     * Called when a generation has ended for any reason other than an exception.
     *
     * @param result the result of the generation
     */
    default void generationEnded(GenerationResult result) {}

    /**
     * Called when a batch has been computed: rows of one or more callers.
     *
     * @param event its rows, and how long it took
     */
    default void batchComputed(BatchComputed event) {}
}
