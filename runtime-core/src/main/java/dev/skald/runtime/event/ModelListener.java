package dev.skald.runtime.event;

import dev.skald.runtime.generate.GenerationResult;

/**
 * Hears of a model's work, for metrics and logs. Every method does nothing unless it is overridden. The threads that do the work
 * call them, several at a time: a listener has to be safe for use from any thread, and quick. What it throws is logged and goes no
 * further. Without a listener nothing is counted and no time is taken.
 *
 * <p>The same events are written to a JFR recording if there is one ({@code dev.skald.ModelOpen}, {@code dev.skald.Prompt}, {@code
 * dev.skald.Generation}, {@code dev.skald.Batch}), with or without a listener.
 */
public interface ModelListener {
    /**
     * The model is open.
     *
     * @param event what was opened, and how long it took
     */
    default void opened(ModelOpened event) {}

    /**
     * A generation has computed its prompt; its first token follows.
     *
     * @param event how much was computed, and how long it took
     */
    default void promptRead(PromptRead event) {}

    /**
     * A generation has ended, for whatever reason; not if it failed by an exception.
     *
     * @param result as the generation tells it
     */
    default void generationEnded(GenerationResult result) {}

    /**
     * A batch was computed: rows of one caller, or of several together.
     *
     * @param event its rows, and how long it took
     */
    default void batchComputed(BatchComputed event) {}
}
