package dev.skald.runtime.quantize;

import dev.skald.runtime.io.Chunks;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** How an importance matrix is collected. Every setting has a default. */
public final class ImportanceOptions {
    /**
     * How far it has come.
     *
     * @param chunks how many have been read
     * @param allChunks how many there are to read
     * @param soFar makes a matrix of those read, to be saved in case the rest is never read; to be asked at once or not at all
     */
    public record Progress(int chunks, int allChunks, Supplier<ImportanceMatrix> soFar) {}

    private int context = ImportanceMatrix.USUAL_CHUNK;
    private int chunks = Integer.MAX_VALUE;
    private int skip;
    private String dataset = "";
    private Consumer<? super Progress> progress = running -> {};

    ImportanceOptions() {}

    /**
     * How many tokens a chunk has. By default 512.
     *
     * @param tokens 8 or more
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public ImportanceOptions context(int tokens) {
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
    public ImportanceOptions chunks(int most) {
        chunks = atLeast("chunks", most, 1);
        return this;
    }

    /**
     * How many chunks at the beginning are left out, because another matrix has read them already. By default none.
     *
     * @param count 0 or more
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public ImportanceOptions skip(int count) {
        skip = atLeast("skip", count, 0);
        return this;
    }

    /**
     * What the text is called in the matrix. By default it has no name.
     *
     * @param name as a rule a file's
     * @return this
     */
    public ImportanceOptions dataset(String name) {
        dataset = Objects.requireNonNull(name);
        return this;
    }

    /**
     * Who is told how far it has come: after each chunk, on the collecting thread.
     *
     * @param listener gets the number of chunks, and the matrix so far if it asks
     * @return this
     */
    public ImportanceOptions progress(Consumer<? super Progress> listener) {
        progress = Objects.requireNonNull(listener);
        return this;
    }

    private static int atLeast(String name, int value, int least) {
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

    int skip() {
        return skip;
    }

    String dataset() {
        return dataset;
    }

    Consumer<? super Progress> progress() {
        return progress;
    }
}
