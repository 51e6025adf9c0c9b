package dev.skald.runtime.measure;

import java.util.Objects;
import java.util.function.Consumer;

/** How a divergence is measured. Every setting has a default; the text and the context are those of the base. */
public final class DivergenceOptions {
    private int chunks = Integer.MAX_VALUE;
    private Consumer<? super Divergence> progress = running -> {};

    DivergenceOptions() {}

    /**
     * How many chunks are read at most. By default all that the base has.
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
     * Who is told how far it has come: after each chunk, on the measuring thread.
     *
     * @param listener gets the result of the chunks so far
     * @return this
     */
    public DivergenceOptions progress(Consumer<? super Divergence> listener) {
        progress = Objects.requireNonNull(listener);
        return this;
    }

    int chunks() {
        return chunks;
    }

    Consumer<? super Divergence> progress() {
        return progress;
    }
}
