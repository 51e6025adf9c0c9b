package dev.skald.runtime.quantize;

import dev.skald.runtime.io.Chunks;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Options for collecting an importance matrix. Every option has a default. */
public final class ImportanceOptions {
    /**
     * The progress of collecting.
     *
     * @param chunks the number of chunks read so far
     * @param allChunks the number of chunks to read
     * @param soFar makes a matrix of the chunks read so far, to save it; call it only during the notification
     */
    public record Progress(int chunks, int allChunks, Supplier<ImportanceMatrix> soFar) {}

    private int context = ImportanceMatrix.USUAL_CHUNK;
    private int chunks = Integer.MAX_VALUE;
    private int skip;
    private String dataset = "";
    private Consumer<? super Progress> progress = running -> {};

    ImportanceOptions() {}

    /**
     * Sets the number of tokens in a chunk. The default is 512.
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
     * Sets the maximum number of chunks to read. By default, all chunks are read.
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
     * Sets how many chunks at the beginning to skip because another matrix covers them. By default none are skipped.
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
     * Sets the name of the text in the matrix. By default it has no name.
     *
     * @param name usually a file name
     * @return this
     */
    public ImportanceOptions dataset(String name) {
        dataset = Objects.requireNonNull(name);
        return this;
    }

    /**
     * Sets a progress listener. The collecting thread calls it after each chunk.
     *
     * @param listener receives the number of chunks and, on request, the matrix so far
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
