package dev.skald.runtime.measure;

import dev.skald.runtime.io.Chunks;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.Consumer;

/** Options for measuring perplexity. Every option has a default. */
public final class PerplexityOptions {
    private int context = 512;
    private int chunks = Integer.MAX_VALUE;
    private Path base;
    private boolean overwrite;
    private Consumer<? super Perplexity> progress = running -> {};

    PerplexityOptions() {}

    /**
     * Sets the number of tokens in a chunk. The default is 512. Perplexities of different contexts cannot be compared.
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
     * Sets the maximum number of chunks to read. By default, all chunks are read.
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
     * Also saves the model's predictions, for {@link Divergence#measure(dev.skald.runtime.Model, Path)}. They take
     * about two bytes for each prediction and each token of the vocabulary. The file appears under its name when it is
     * complete. By default, nothing is saved.
     *
     * @param file the file to write; an existing one is refused unless {@link #overwrite} is set
     * @return this
     */
    public PerplexityOptions saveBase(Path file) {
        base = Objects.requireNonNull(file);
        return this;
    }

    /**
     * Sets whether {@link #saveBase} may replace an existing file. By default it may not.
     *
     * @param value true to replace it, once the new one is complete
     * @return this
     */
    public PerplexityOptions overwrite(boolean value) {
        overwrite = value;
        return this;
    }

    /**
     * Sets a progress listener. The measuring thread calls it after each chunk.
     *
     * @param listener receives the result so far
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
