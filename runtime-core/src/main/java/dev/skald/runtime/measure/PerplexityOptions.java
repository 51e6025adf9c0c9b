package dev.skald.runtime.measure;

import dev.skald.runtime.io.Chunks;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.Consumer;

/** How perplexity is measured. Every setting has a default. */
public final class PerplexityOptions {
    private int context = 512;
    private int chunks = Integer.MAX_VALUE;
    private Path base;
    private boolean overwrite;
    private Consumer<? super Perplexity> progress = running -> {};

    PerplexityOptions() {}

    /**
     * How many tokens a chunk has. By default 512. Perplexities of different contexts cannot be compared.
     *
     * @param tokens 8 or more
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public PerplexityOptions context(int tokens) {
        context = atLeast("context", tokens, Chunks.LEAST_CONTEXT);
        return this;
    }

    /**
     * How many chunks are read at most. By default all that the text has.
     *
     * @param most 1 or more
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public PerplexityOptions chunks(int most) {
        chunks = atLeast("chunks", most, 1);
        return this;
    }

    /**
     * Also saves what the model predicts, for {@link Divergence#measure(dev.skald.runtime.Model, Path)}: some two bytes for
     * each counted token and each token of the vocabulary. The file gets its name when it is complete. By default nothing is
     * saved.
     *
     * @param file where to; one that is there is refused unless {@link #overwrite} is set
     * @return this
     */
    public PerplexityOptions saveBase(Path file) {
        base = Objects.requireNonNull(file);
        return this;
    }

    /**
     * Whether {@link #saveBase} replaces a file that is there already. By default that is refused.
     *
     * @param value true to replace it, once the new one is complete
     * @return this
     */
    public PerplexityOptions overwrite(boolean value) {
        overwrite = value;
        return this;
    }

    /**
     * Who is told how far it has come: after each chunk, on the measuring thread.
     *
     * @param listener gets the result of the chunks so far
     * @return this
     */
    public PerplexityOptions progress(Consumer<? super Perplexity> listener) {
        progress = Objects.requireNonNull(listener);
        return this;
    }

    static int atLeast(String name, int value, int least) {
        if (value < least) {
            throw new IllegalArgumentException(name + " must be " + least + " or more, not " + value);
        }
        return value;
    }

    int context() {
        return context;
    }

    int chunks() {
        return chunks;
    }

    Path base() {
        return base;
    }

    boolean overwrites() {
        return overwrite;
    }

    Consumer<? super Perplexity> progress() {
        return progress;
    }
}
