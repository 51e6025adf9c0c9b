package dev.skald.runtime.measure;

import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/** How a divergence is measured. Every setting has a default; the text and the context are those of the base. */
public final class DivergenceOptions {
    private String text;
    private Integer context;
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

    /**
     * The text that the base is to be of. By default whatever it is of.
     *
     * @param expected checked against the tokens in the base, as far as those go
     * @return this
     */
    public DivergenceOptions text(String expected) {
        text = Objects.requireNonNull(expected);
        return this;
    }

    /**
     * The context that the base is to have. By default whatever it has.
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
