package dev.skald.runtime.measure;

import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/** Options for measuring a divergence. Every option has a default; the text and the context are the base's. */
public final class DivergenceOptions {
    private String text;
    private Integer context;
    private int chunks = Integer.MAX_VALUE;
    private Consumer<? super Divergence> progress = running -> {};

    DivergenceOptions() {}

    /**
     * Sets the maximum number of chunks to read. By default, all chunks of the base are read.
     *
     * @param most 1 or more
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public DivergenceOptions chunks(int most) {
        chunks = PerplexityOptions.atLeast("chunks", most, 1);
        return this;
    }

    /**
     * Sets a progress listener. The measuring thread calls it after each chunk.
     *
     * @param listener receives the result so far
     * @return this
     */
    public DivergenceOptions progress(Consumer<? super Divergence> listener) {
        progress = Objects.requireNonNull(listener);
        return this;
    }

    /**
     * Sets the text that the base must have been made from. By default, any text is accepted.
     *
     * @param expected compared with the tokens in the base, as far as those go
     * @return this
     */
    public DivergenceOptions text(String expected) {
        text = Objects.requireNonNull(expected);
        return this;
    }

    /**
     * Sets the context that the base must have. By default, any context is accepted.
     *
     * @param expected tokens of a chunk
     * @return this
     */
    public DivergenceOptions context(int expected) {
        context = expected;
        return this;
    }

    Optional<String> text() {
        return Optional.ofNullable(text);
    }

    Optional<Integer> context() {
        return Optional.ofNullable(context);
    }

    int chunks() {
        return chunks;
    }

    Consumer<? super Divergence> progress() {
        return progress;
    }
}
